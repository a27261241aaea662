import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { UsageFileFilter, UsageRecordFilter } from '../../src/connect/filters.ts'
import type { Download } from '../../src/connect/client.ts'
import { CREDENTIAL, context, failure, namedIn, startClient, startUpstream } from './upstream.ts'
import { XLSX, ZIP_START } from '../../src/media-types.ts'
import { TABLE } from './operations-table.ts'
import { draft, MULTIPART } from './operations-fixture.ts'

const START = ZIP_START.toString('latin1')

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** 38 of the Usage API, and 4 of the catalogue. */
const OPERATIONS = 42

t.test('each operation sends what Connect documents', async (t) => {
  t.equal(TABLE.length, OPERATIONS)
  t.equal(new Set(TABLE.map((row) => row.sends)).size, OPERATIONS)
  const rows = new Map(TABLE.map((row) => [row.sends, row]))
  const upstream = await startUpstream(t, async (exchange) => {
    await exchange.body()
    const row = rows.get(`${exchange.method} ${exchange.path.replace('/public/v1', '')}`)
    if (row?.answer === 'file') exchange.json(200, START, { 'content-type': XLSX })
    else exchange.json(200, row?.answer === 'list' ? [{ id: 'X-1' }] : namedIn(exchange.path))
  })
  const client = startClient(t, `${upstream.baseUrl}/`)

  for (const row of TABLE) {
    const ctx = context({ traceparent: () => TRACEPARENT })
    const result = await row.call(client, ctx)
    const sent = upstream.exchanges.at(-1)
    t.equal(`${sent?.method} ${sent?.path}`, row.sends.replace(' ', ' /public/v1'), row.name)
    t.match(sent?.headers, {
      authorization: CREDENTIAL,
      'accept-encoding': 'identity',
      'user-agent': 'connect-usage-bff/test',
      'x-request-id': 'req-1',
      traceparent: TRACEPARENT
    }, `${row.name}: headers`)
    const body = (await sent?.body() ?? Buffer.alloc(0)).toString()
    if (row.answer === 'multipart') {
      t.equal(body, 'parts', `${row.name}: body`)
      t.match(sent?.headers, { 'content-type': MULTIPART, 'content-length': '5' })
    } else if (row.body === undefined) {
      t.equal(body, '', `${row.name}: no body`)
      t.notOk(sent?.headers['content-type'], `${row.name}: no content type without a body`)
    } else {
      t.same(JSON.parse(body), row.body, `${row.name}: body`)
      t.equal(sent?.headers['content-type'], 'application/json', `${row.name}: content type`)
    }
    if (row.answer === 'file') {
      const { stream, contentType, contentLength } = result as Download
      t.same([(await buffer(stream)).toString(), contentType, contentLength], [START, XLSX, 4], `${row.name}: file`)
    }
    const isWrite = !row.sends.startsWith('GET ')
    t.match(ctx.seen, [
      {
        operation: row.name,
        attempt: 1,
        status: 200,
        failure: null,
        durationMs: Number,
        isWrite,
        mayHaveActed: isWrite
      }
    ])
  }
})

const lastOf = (path: string): object => ({ id: decodeURIComponent(path.split('/').at(-1) ?? '') })

/** Answers with another kind of object, or with one that is new: no id that was asked for names them. */
const UNNAMED = ['templates.get', 'usageFiles.create', 'rules.create', 'reconciliations.create']

t.test('an answer with another object than the requested one is an error', async (t) => {
  let answer: object = {}
  const upstream = await startUpstream(t, async (exchange) => {
    await exchange.body()
    exchange.json(200, answer)
  })
  const client = startClient(t, upstream.baseUrl)
  const rows = TABLE.filter(
    row => (row.answer === undefined || row.answer === 'multipart') && !UNNAMED.includes(row.name)
  )
  t.equal(rows.length, 22, 'the calls that name one object: a new one needs another number')
  for (const { name, call, sends } of rows) {
    const other = { kind: 'bad-payload', reason: 'other-object', sent: 'yes', bodyComplete: true, status: 200 }
    for (const id of [`${namedIn(sends).id}2`, 7]) {
      answer = { id }
      t.match(await failure(call(client, context())), other, `${name} ${id}`)
    }
    answer = { status: 'draft' }
    if (sends.startsWith('GET ')) t.match(await failure(call(client, context())), other, `${name} without an id`)
    else if (name !== 'rules.delete') t.same(await call(client, context()), answer, `${name} without an id`)
  }
  answer = { id: 12 }
  t.same(await client.usageFiles.get('12', context()), { id: 12 }, 'an id may come as a number')
  t.same(await client.templates.get('PRD-1', context()), { id: 12 })
})

t.test('a list with a row that its filter excludes is an error', async (t) => {
  let row: object = {}
  const upstream = await startUpstream(t, (exchange) => exchange.json(200, [row]))
  const { usageFiles, usageRecords, catalogue } = startClient(t, upstream.baseUrl)
  const records = (filter: UsageRecordFilter) => usageRecords.list({ filter }, context())
  const files = (filter: UsageFileFilter) => usageFiles.list({ filter }, context())
  const cases: readonly (readonly [() => Promise<unknown>, object, object])[] = [
    [() => records({ 'usagefile.id': 'UF-1' }), { usagefile: { id: 'UF-1' } }, { usagefile: { id: 'UF-2' } }],
    [() => records({ status: ['valid', 'closed'] }), { status: 'Closed' }, { status: 'approved' }],
    [() => records({ 'asset.id': ['7', '8'] }), { asset: { id: 8 } }, { asset: { id: 9 } }],
    [() => records({ 'usagefile.schema': 'qt' }), { usagefile: { schema: 'QT' } }, { usagefile: { schema: 'TR' } }],
    [() => files({ external_id: 'E-1' }), { external_id: 'E-1' }, { external_id: 'e-1' }],
    [() => files({ status: { not: 'deleted' } }), { status: 'draft' }, { status: 'DELETED' }],
    [() => files({ id: { not: ['UF-1', 'UF-2'] } }), { id: 'UF-3' }, { id: 'UF-2' }],
    [() => files({ 'contract.id': 'CRD-1', name: 'October' }), { contract: 'CRD-2' }, { name: 'November' }],
    [() => records({ 'product.id': 'PRD-1' }), { product_id: 'PRD-1' }, { product_id: 'PRD-2' }],
    [() => records({ 'asset.external_uid': '7' }), { asset_external_uid: 7 }, { asset_external_uid: '8' }],
    [() => files({ 'created.at': { ge: '2027-01-01' } }), { created_at: '2027-01-01' }, { created_at: '2026-12-31' }],
    [() => files({ name: { contains: 'Oct' } }), { name: 'Usage of OCTOBER' }, { name: 'November' }],
    [() => files({ 'created.at': { ge: '2027-01-01' } }), { events: { created: { at: '2027-01-01T00:00:00+00:00' } } },
      { events: { created: { at: '2026-12-31T23:59:58+00:00' } } }],
    [() => records({ start_date: { ge: '2026-10-01T12:00:00Z', lt: '2026-11-01' } }), { start_date: '2026-10-01' },
      { start_date: '2026-09-30' }],
    [() => records({ end_date: { lt: '2026-10-01T12:00:00Z' } }), { end_date: '2026-10-01 11:59:59' },
      { end_date: '2026-10-01T14:00:02+01:00' }],
    [() => records({ created_time: { ge: '2027-01-01' } }), { created_time: 'late' }, { created_time: '2026-11-01' }],
    [() => files({ 'created.at': { ge: '2026-01-01' } }), { events: { created: null } }, [1]],
    [() => catalogue.products({ filter: { status: 'published' } }, context()), { status: 'published' },
      { status: 'draft' }],
    [() => catalogue.items('PRD-1', { filter: { type: 'PPU', mpn: 'A' } }, context()), { type: 'ppu', mpn: 'A' },
      { type: 'reservation' }],
    [() => catalogue.assets({ filter: { 'product.id': 'PRD-1', 'params.value': '7' } }, context()),
      { product: { id: 'PRD-1' }, params: [{ id: 'a', value: '8' }, { id: 'b', value: '7' }] },
      { product: { id: 'PRD-2' } }],
    [() => catalogue.listings({ filter: { 'marketplace.id': 'MP-1' } }, context()), { marketplace: { id: 'MP-1' } },
      { marketplace: { id: 'MP-2' } }]
  ]
  for (const [list, fits, other] of cases) {
    for (row of [fits, {}, { usagefile: null, status: null, external_id: { a: 1 } }]) {
      const bytes = Buffer.byteLength(JSON.stringify([row]))
      t.same(await list(), { items: [row], total: 1, bytes, isTotalGuessed: true })
    }
    row = other
    const reason = Array.isArray(other) ? 'shape' : 'other-object'
    t.match(await failure(list()), { kind: 'bad-payload', reason, status: 200 }, JSON.stringify(other))
  }
})

t.test('each write opens its own socket, and reads share sockets', async (t) => {
  const upstream = await startUpstream(t, async (exchange) => {
    await exchange.body()
    exchange.json(200, namedIn(exchange.path))
  })
  const client = startClient(t, upstream.baseUrl)
  for (let i = 0; i < 6; i += 1) await client.usageFiles.get('UF-1', context())
  const forReads = upstream.connections()
  // undici rests a socket for one turn of the event loop before it is used again, so a second one may open.
  t.ok(forReads <= 2, `${forReads} sockets for six reads`)
  for (let i = 0; i < 3; i += 1) await client.usageFiles.submit('UF-1', context())
  t.equal(upstream.connections(), forReads + 3)
  t.equal(upstream.exchanges.at(-1)?.headers['connection'], 'close')
})

t.test('any 2xx is a success of a write, also without a body', async (t) => {
  for (const status of [200, 201, 202, 204, 206]) {
    const upstream = await startUpstream(t, (exchange) => {
      if (status === 204) exchange.raw('HTTP/1.1 204 X\r\n\r\n')
      else exchange.json(status, { id: exchange.method === 'POST' ? 'UF-1' : 'UIR-1', vendor: 'flat', status: 'draft' })
    })
    const client = startClient(t, upstream.baseUrl)
    const file = await client.usageFiles.create(draft, context())
    if (status === 204) t.equal(file, null)
    else t.match(file, { id: 'UF-1', vendor: 'flat' })
    const deleted = await client.rules.delete('PRD-1', 'UIR-1', context())
    t.equal(deleted, null)
  }
})

t.test('a bulk close accepts 206, and elements with or without errors', async (t) => {
  const rows = [{ id: 'UR-2', status: 'closed' }, { id: 'UR-1', error_codes: 'E', error_details: 'why' }]
  const upstream = await startUpstream(t, (exchange) => exchange.json(206, rows))
  const client = startClient(t, upstream.baseUrl)
  t.same(await client.usageRecords.bulkClose([{ id: 'UR-1' }, { id: 'UR-2' }], context()), rows)
})

t.test('an id of a wrong form is refused before anything is sent', async (t) => {
  const upstream = await startUpstream(t, (exchange) => exchange.json(200, lastOf(exchange.path)))
  const client = startClient(t, upstream.baseUrl)
  const ids = [
    '', '..', 'a/../b', 'UF..1', '../../accounts', 'a/b', 'a%2fb', 'a b', 'a\r\nX: y', 'a?b', 'a#b', '-a', 'é',
    'x'.repeat(101)
  ]
  for (const id of ids) {
    const error = await failure(client.usageFiles.get(id, context()))
    t.match(error, { kind: 'invalid-id', sent: 'no', path: '/usage/files/{id}', operation: 'usageFiles.get' })
    const stream = Readable.from([Buffer.from('x')])
    await failure(client.usageFiles.upload(id, { stream, length: 1, contentType: 'a/b' }, context()))
    t.ok(stream.destroyed, 'the body is let go')
  }
  await client.usageFiles.get('UF-2018-11-9878764342', context())
  await client.usageFiles.get('a.b:c_d', context())
  t.same(upstream.exchanges.map((one) => one.path), [
    '/public/v1/usage/files/UF-2018-11-9878764342', '/public/v1/usage/files/a.b%3Ac_d'
  ])
})

t.test('a credential without a scheme gets its scheme', async (t) => {
  const upstream = await startUpstream(t, (exchange) => exchange.json(200, lastOf(exchange.path)))
  const client = startClient(t, upstream.baseUrl)
  await client.usageFiles.get('UF-1', context({ credential: 'SU-1:x' }))
  t.equal(upstream.exchanges[0]?.headers['authorization'], 'ApiKey SU-1:x')
  const error = await failure(client.usageFiles.get('UF-1', context({ credential: 'SU-1:canary\r\nX: y' })))
  t.notMatch(error.message, /canary/)
  t.equal(upstream.exchanges.length, 1)
})

t.test('the base URL may have any path and holds no secrets', async (t) => {
  const upstream = await startUpstream(t, (exchange) => exchange.json(200, lastOf(exchange.path)))
  for (const [suffix, path] of [['', '/usage/files/X'], ['/', '/usage/files/X'], ['/a/b//', '/a/b/usage/files/X']]) {
    await startClient(t, upstream.origin + suffix).usageFiles.get('X', context())
    t.equal(upstream.exchanges.at(-1)?.path, path)
  }
  for (const url of ['ftp://x/', 'x', 'http://u:p@x/', 'http://x/?a=1', 'http://x/#a']) {
    t.throws(() => startClient(t, url), TypeError)
  }
})
