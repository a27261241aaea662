import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { UsageFileFilter, UsageRecordFilter } from '../../src/connect/filters.ts'
import type { CallContext, ConnectClient, Download } from '../../src/connect/client.ts'
import { CREDENTIAL, context, failure, namedIn, startClient, startUpstream } from './upstream.ts'
import { XLSX, ZIP_START } from '../../src/media-types.ts'

const START = ZIP_START.toString('latin1')

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

type Call = (client: ConnectClient, ctx: CallContext) => Promise<unknown>

interface Row {
  readonly name: string
  readonly call: Call
  readonly sends: string
  readonly body?: unknown
  readonly answer?: 'list' | 'file' | 'multipart'
}

const MULTIPART = 'multipart/form-data; boundary=b'
const upload = () => ({ stream: Readable.from([Buffer.from('parts')]), length: 5, contentType: MULTIPART })
const billing = { external_billing_id: 'B-1', external_billing_note: 'note' }
const draft = {
  name: 'n', product: { id: 'PRD-1' }, contract: { id: 'CRD-1' }, period: { from: '2026-01-01', to: '2026-01-31' }
}

const TABLE: readonly Row[] = [
  { name: 'usageFiles.list', call: (c, x) => c.usageFiles.list({}, x), sends: 'GET /usage/files', answer: 'list' },
  { name: 'usageFiles.create', call: (c, x) => c.usageFiles.create(draft, x), sends: 'POST /usage/files', body: draft },
  { name: 'usageFiles.get', call: (c, x) => c.usageFiles.get('UF-1', x), sends: 'GET /usage/files/UF-1' },
  {
    name: 'usageFiles.update',
    call: (c, x) => c.usageFiles.update('UF-1', { note: null }, x),
    sends: 'PUT /usage/files/UF-1',
    body: { note: null }
  },
  {
    name: 'usageFiles.upload',
    call: (c, x) => c.usageFiles.upload('UF-1', upload(), x),
    sends: 'POST /usage/files/UF-1/upload',
    answer: 'multipart'
  },
  {
    name: 'usageFiles.submit',
    call: (c, x) => c.usageFiles.submit('UF-1', x),
    sends: 'POST /usage/files/UF-1/submit'
  },
  {
    name: 'usageFiles.accept',
    call: (c, x) => c.usageFiles.accept('UF-1', { acceptance_note: 'ok' }, x),
    sends: 'POST /usage/files/UF-1/accept',
    body: { acceptance_note: 'ok' }
  },
  {
    name: 'usageFiles.reject',
    call: (c, x) => c.usageFiles.reject('UF-1', { rejection_note: 'no' }, x),
    sends: 'POST /usage/files/UF-1/reject',
    body: { rejection_note: 'no' }
  },
  { name: 'usageFiles.close', call: (c, x) => c.usageFiles.close('UF-1', x), sends: 'POST /usage/files/UF-1/close' },
  { name: 'usageFiles.delete', call: (c, x) => c.usageFiles.delete('UF-1', x), sends: 'POST /usage/files/UF-1/delete' },
  {
    name: 'usageFiles.reprocess',
    call: (c, x) => c.usageFiles.reprocess('UF-1', x),
    sends: 'POST /usage/files/UF-1/reprocess'
  },
  {
    name: 'usageFiles.approveAll',
    call: (c, x) => c.usageFiles.approveAll('UF-1', x),
    sends: 'PUT /usage/files/UF-1/approve-all'
  },
  {
    name: 'usageFiles.reconcile',
    call: (c, x) => c.usageFiles.reconcile('UF-1', upload(), x),
    sends: 'POST /usage/files/UF-1/reconciliation',
    answer: 'multipart'
  },
  {
    name: 'usageFiles.categories',
    call: (c, x) => c.usageFiles.categories('UF-1', {}, x),
    sends: 'GET /usage/files/UF-1/categories',
    answer: 'list'
  },
  {
    name: 'usageRecords.list',
    call: (c, x) => c.usageRecords.list({}, x),
    sends: 'GET /usage/records',
    answer: 'list'
  },
  { name: 'usageRecords.get', call: (c, x) => c.usageRecords.get('UR-1', x), sends: 'GET /usage/records/UR-1' },
  {
    name: 'usageRecords.update',
    call: (c, x) => c.usageRecords.update('UR-1', { status: 'approved' }, x),
    sends: 'PUT /usage/records/UR-1',
    body: { status: 'approved' }
  },
  {
    name: 'usageRecords.close',
    call: (c, x) => c.usageRecords.close('UR-1', billing, x),
    sends: 'POST /usage/records/UR-1/close',
    body: billing
  },
  {
    name: 'usageRecords.bulkClose',
    call: (c, x) => c.usageRecords.bulkClose([{ id: 'UR-1', ...billing }], x),
    sends: 'POST /usage/records/close-records',
    body: [{ id: 'UR-1', ...billing }],
    answer: 'list'
  },
  { name: 'usageChunks.list', call: (c, x) => c.usageChunks.list({}, x), sends: 'GET /usage/chunks', answer: 'list' },
  { name: 'usageChunks.get', call: (c, x) => c.usageChunks.get('UFC-1', x), sends: 'GET /usage/chunks/UFC-1' },
  {
    name: 'usageChunks.update',
    call: (c, x) => c.usageChunks.update('UFC-1', { external_id: 'e' }, x),
    sends: 'PUT /usage/chunks/UFC-1',
    body: { external_id: 'e' }
  },
  {
    name: 'usageChunks.close',
    call: (c, x) => c.usageChunks.close('UFC-1', billing, x),
    sends: 'POST /usage/chunks/UFC-1/close',
    body: billing
  },
  {
    name: 'usageChunks.regenerate',
    call: (c, x) => c.usageChunks.regenerate('UFC-1', x),
    sends: 'POST /usage/chunks/UFC-1/regenerate'
  },
  {
    name: 'usageChunks.download',
    call: (c, x) => c.usageChunks.download('UFC-1', x),
    sends: 'GET /usage/chunks/UFC-1/download',
    answer: 'file'
  },
  {
    name: 'reconciliations.list',
    call: (c, x) => c.reconciliations.list({}, x),
    sends: 'GET /usage/reconciliations',
    answer: 'list'
  },
  {
    name: 'reconciliations.create',
    call: (c, x) => c.reconciliations.create(upload(), x),
    sends: 'POST /usage/reconciliations',
    answer: 'multipart'
  },
  {
    name: 'reconciliations.get',
    call: (c, x) => c.reconciliations.get('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1'
  },
  {
    name: 'reconciliations.downloadProcessed',
    call: (c, x) => c.reconciliations.downloadProcessed('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1/processedfile',
    answer: 'file'
  },
  {
    name: 'reconciliations.downloadUploaded',
    call: (c, x) => c.reconciliations.downloadUploaded('RCF-1', x),
    sends: 'GET /usage/reconciliations/RCF-1/uploadedfile',
    answer: 'file'
  },
  { name: 'aggregates.list', call: (c, x) => c.aggregates.list({}, x), sends: 'GET /usage/aggregates', answer: 'list' },
  {
    name: 'aggregates.listForAsset',
    call: (c, x) => c.aggregates.listForAsset('AS-1', {}, x),
    sends: 'GET /assets/AS-1/usage/aggregates',
    answer: 'list'
  },
  { name: 'templates.get', call: (c, x) => c.templates.get('PRD-1', x), sends: 'GET /usage/products/PRD-1/template' },
  {
    name: 'rules.list',
    call: (c, x) => c.rules.list('PRD-1', {}, x),
    sends: 'GET /products/PRD-1/usage/rules',
    answer: 'list'
  },
  {
    name: 'rules.create',
    call: (c, x) => c.rules.create('PRD-1', { item: { id: 'I' }, action: 'accept', rule: 'r', status: 'active' }, x),
    sends: 'POST /products/PRD-1/usage/rules',
    body: { item: { id: 'I' }, action: 'accept', rule: 'r', status: 'active' }
  },
  {
    name: 'rules.get',
    call: (c, x) => c.rules.get('PRD-1', 'UIR-1', x),
    sends: 'GET /products/PRD-1/usage/rules/UIR-1'
  },
  {
    name: 'rules.update',
    call: (c, x) => c.rules.update('PRD-1', 'UIR-1', { gravity: { after: 'UIR-2' } }, x),
    sends: 'PUT /products/PRD-1/usage/rules/UIR-1',
    body: { gravity: { after: 'UIR-2' } }
  },
  {
    name: 'rules.delete',
    call: (c, x) => c.rules.delete('PRD-1', 'UIR-1', x),
    sends: 'DELETE /products/PRD-1/usage/rules/UIR-1'
  }
]

t.test('each of the 38 operations sends what Connect documents', async (t) => {
  t.equal(TABLE.length, 38)
  t.equal(new Set(TABLE.map((row) => row.sends)).size, 38)
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
  t.equal(rows.length, 22)
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
  const { usageFiles, usageRecords } = startClient(t, upstream.baseUrl)
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
    [() => files({ 'created.at': { ge: '2026-01-01' } }), { events: { created: null } }, [1]]
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

t.test('an empty page behind the first one has no total without the word of Connect', async (t) => {
  let range: string | undefined
  const upstream = await startUpstream(t, (exchange) => {
    exchange.json(200, [], range === undefined ? {} : { 'content-range': range })
  })
  const { usageFiles } = startClient(t, upstream.baseUrl)
  t.match(await usageFiles.list({ limit: 2, offset: 0 }, context()), { items: [], total: 0 })
  for (range of [undefined, 'items */2', 'items 0-0/-2']) {
    const answer = failure(usageFiles.list({ limit: 2, offset: 1000 }, context()))
    t.match(await answer, { kind: 'bad-payload', reason: 'shape' }, String(range))
  }
  range = 'items 0-0/7'
  t.match(await usageFiles.list({ limit: 2, offset: 1000 }, context()), { items: [], total: 7 })
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

t.test('the total comes from Content-Range, or else from the list', async (t) => {
  const cases: readonly (readonly [string | null, number, number, number])[] = [
    ['items 10-11/57', 10, 2, 57],
    ['items 0-0/0', 0, 0, 0],
    ['items 0-0/1', 0, 1, 1],
    ['items 0-0/0', 0, 1, 1],
    ['items 90-90/57', 90, 0, 57],
    ['items 10-11/*', 10, 2, 12],
    ['bytes 0-1/2', 4, 1, 5],
    [null, 5, 2, 7],
    [null, 0, 0, 0]
  ]
  const limit = 3
  for (const [header, offset, length, total] of cases) {
    const upstream = await startUpstream(t, (exchange) => exchange.json(
      200, Array.from({ length }, () => ({ id: 'X' })), header === null ? {} : { 'content-range': header }
    ))
    const page = await startClient(t, upstream.baseUrl).usageFiles.list({ limit, offset }, context())
    t.same([page.items.length, page.total], [length, total], String(header))
  }
  const full = await startUpstream(t, exchange => exchange.json(200, [{ id: 'X' }, { id: 'Y' }, { id: 'Z' }]))
  t.match(
    await failure(startClient(t, full.baseUrl).usageFiles.list({ limit }, context())),
    { kind: 'bad-payload', reason: 'shape' },
    'a full page hides whether there are more'
  )
})

t.test('a total that no account can have is an error, in a list and in a count', async (t) => {
  for (const total of ['100000001', '4000000000', '9007199254740991', '99999999999999999999']) {
    const upstream = await startUpstream(t, (exchange) => exchange.json(
      200, exchange.path.includes('limit=0') ? [] : [{ id: 'X' }], { 'content-range': `items 0-0/${total}` }
    ))
    const client = startClient(t, upstream.baseUrl)
    for (const call of [client.usageFiles.list({ limit: 10 }, context()), client.usageFiles.count({}, context())]) {
      t.match(await failure(call), { kind: 'bad-payload', reason: 'shape', status: 200 }, total)
    }
  }
})

t.test('a count asks for no rows and needs the Content-Range header', async (t) => {
  const upstream = await startUpstream(t, (exchange) => exchange.json(
    200, [], exchange.index === 0 ? { 'content-range': 'items 0-0/321' } : {}
  ))
  const client = startClient(t, upstream.baseUrl)
  t.equal(await client.usageFiles.count({ status: 'ready' }, context()), 321)
  t.equal(upstream.exchanges[0]?.path, '/public/v1/usage/files?limit=0&eq(status,%22ready%22)')
  t.match(await failure(client.usageFiles.count({}, context())), { kind: 'bad-payload', reason: 'shape' })
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

t.test('more rows than requested are an error', async (t) => {
  const upstream = await startUpstream(t, exchange =>
    exchange.json(200, [{}, {}, {}], { 'content-range': 'items 0-2/3' })
  )
  const { usageFiles } = startClient(t, upstream.baseUrl)
  t.match(await failure(usageFiles.list({ limit: 2 }, context())), { kind: 'bad-payload', reason: 'shape' })
  t.match(await usageFiles.list({ limit: 3 }, context()), { total: 3 })
})
