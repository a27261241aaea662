import t, { type Test } from 'tap'
import { PROVIDER_KEY, until, VENDOR_KEY } from '../helper.ts'
import { formOf, MIB, workbookOf, XLSX } from '../uploads/forms.ts'
import { FILE_ID, startFixture, UPLOAD, type Fixture } from '../uploads/fixture.ts'
import type { RequestHead, WireClient } from '../uploads/wire.ts'

type Line = Record<string, unknown>
const WAYS = ['FIN', 'RST'] as const
type Way = typeof WAYS[number]
const RECORD = 'UR-2026-11-0000-0000-0000-0001'
const CHUNK_FILE = '/v1/usage-chunks/UFC-2026-11-9900-0003-001/file'
const NDJSON = { 'content-type': 'application/x-ndjson', accept: 'application/x-ndjson' }
const CLOSE_LINE = Buffer.from(`${JSON.stringify({ id: RECORD, externalBillingId: 'INV-1' })}\n`)

const linesOf = ({ logs }: Fixture, msg: string): Line[] => logs.filter(line => line['msg'] === msg)

async function send (fixture: Fixture, head: RequestHead, body: Buffer = Buffer.alloc(0)): Promise<WireClient> {
  const client = await fixture.client()
  const length: Record<string, string> = body.length > 0 ? { 'content-length': String(body.length) } : {}
  await client.sendHead({ ...head, headers: { ...head.headers, ...length } })
  await client.sendBody(body)
  return client
}

function leave ({ socket }: WireClient, way: Way): void {
  if (way === 'RST') socket.resetAndDestroy()
  else socket.destroy()
}

/** What a caller's leaving leaves in the log and the counters: its one line, which is no error. */
async function leftQuietly (t: Test, fixture: Fixture, what: string, expected: Line): Promise<void> {
  await until(() => linesOf(fixture, 'request').length === 1, `${what}: the line`)
  await fixture.quiet()
  t.match(linesOf(fixture, 'request'), [{ level: 'info', complete: false, ...expected }], what)
  t.same(fixture.logs.filter(({ level }) => level !== 'info'), [], `${what}: nothing but information`)
  t.notMatch(JSON.stringify(fixture.logs), /INTERNAL|DRAINING|"stack"/, what)
  const metrics = await fixture.app.metrics.text()
  const problems = metrics.split('\n').filter(line => /^usage_bff_problems_total.* [1-9]/.test(line))
  t.same(problems.filter(line => !line.includes('MALFORMED_BODY')), [], `${what}: no problem is counted`)
  fixture.logs.length = 0
}

t.test('a caller that leaves ends a read that Connect has not answered', async (t) => {
  const fixture = await startFixture(t)
  let asked = 0
  fixture.onGet(() => { asked += 1 })
  const paths = [
    `/v1/usage-files/${FILE_ID}`, `/v1/usage-files/${FILE_ID}?include=chunks,categories,reconciliations`,
    '/v1/usage-files', '/v1/usage-files/summary', '/v1/usage-records', `/v1/usage-files/${FILE_ID}/files/uploaded`
  ]
  for (const path of paths) {
    for (const way of WAYS) {
      asked = 0
      const client = await send(fixture, { method: 'GET', path })
      await until(() => asked > 0, 'the call')
      leave(client, way)
      await leftQuietly(t, fixture, `${path} ${way}`, { status: 499 })
    }
  }
})

t.test('a caller that leaves ends a download', async (t) => {
  const fixture = await startFixture(t)
  fixture.file['usage_file_uri'] = `${fixture.upstream.origin}/store/file.xlsx`
  const file = workbookOf(2 * MIB)
  let opened = 0
  fixture.onGet(({ path, raw, socket, json }) => {
    if (!path.startsWith('/store/') && !/\/chunks\/[^/]+\/./.test(path)) return json(200, fixture.file)
    raw(`HTTP/1.1 200 X\r\ncontent-type: ${XLSX}\r\ncontent-length: ${file.length}\r\n\r\n`)
    socket.write(file.subarray(0, MIB))
    opened += 1
  })
  for (const path of [`/v1/usage-files/${FILE_ID}/files/uploaded`, CHUNK_FILE]) {
    for (const way of WAYS) {
      opened = 0
      const client = await send(fixture, { method: 'GET', path, key: PROVIDER_KEY })
      await until(() => opened === 1, 'the file')
      await client.head()
      leave(client, way)
      await leftQuietly(t, fixture, `${path} ${way}`, { status: 200 })
    }
  }
})

t.test('a cut upload ends the call to Connect', async (t) => {
  const fixture = await startFixture(t)
  const form = formOf({ file: workbookOf(MIB) })
  for (const [type, body] of [['multipart/form-data; boundary=b0undary', form], [XLSX, workbookOf(MIB)]] as const) {
    for (const way of WAYS) {
      for (const key of [{}, { 'idempotency-key': `cut-${type.slice(0, 9)}-${way}` }]) {
        const client = await fixture.client()
        const headers = { ...key, 'content-type': type, 'content-length': String(body.length) }
        await client.sendHead({ path: UPLOAD, headers })
        await client.sendBody(body.subarray(0, body.length / 2))
        leave(client, way)
        await leftQuietly(t, fixture, `${type} ${way}`, { operation: 'uploadUsageFile', status: 499 })
      }
    }
  }
})

t.test('a caller may leave a bulk close before its first outcome', async (t) => {
  const fixture = await startFixture(t)
  let release: (() => void) | null = null
  fixture.onUpload(async ({ json, body }) => {
    await body()
    await new Promise<void>((resolve) => { release = resolve })
    json(200, [{ id: RECORD, status: 'closed' }])
  })
  for (const way of WAYS) {
    for (const key of [{}, { 'idempotency-key': `left-${way}` }]) {
      release = null
      const head = { path: '/v1/usage-records/close', key: PROVIDER_KEY, headers: { ...NDJSON, ...key } }
      const client = await send(fixture, head, CLOSE_LINE)
      await until(() => release !== null, 'the batch')
      leave(client, way)
      await until(() => linesOf(fixture, 'request').length === 1, 'the line')
      if ('idempotency-key' in key) {
        const again = await send(fixture, head, CLOSE_LINE)
        t.match(await again.answer(), { status: 409, json: { code: 'IDEMPOTENCY_IN_FLIGHT' } }, 'the close goes on')
        again.socket.destroy()
        const of409 = linesOf(fixture, 'request').find(({ status }) => status === 409)
        if (of409 !== undefined) fixture.logs.splice(fixture.logs.indexOf(of409), 1)
      }
      release!()
      await until(() => linesOf(fixture, 'audit').some(({ records }) => records !== undefined), 'its end')
      const [ended] = linesOf(fixture, 'audit').filter(({ records }) => records !== undefined)
      t.match(ended, { outcome: 'done', complete: false, records: { closed: 1, refused: 0, unknown: 0 } })
      const problems = fixture.logs.filter(({ level }) => level !== 'info')
      t.same(problems, [], `${way}: nothing but information`)
      t.notMatch(JSON.stringify(fixture.logs), /INTERNAL|"stack"/)
      fixture.logs.length = 0
    }
  }
  const metrics = await fixture.app.metrics.text()
  t.match(metrics, 'usage_bff_problems_total{code="INTERNAL"} 0')
  t.match(metrics, 'usage_bff_idempotency_total{result="new"} 2', 'each request with a key is counted once')
})

t.test('a caller may leave in the middle of the answer to a bulk close', async (t) => {
  const fixture = await startFixture(t)
  let held = 0
  fixture.onUpload(async ({ json, body }) => {
    const rows = JSON.parse((await body()).toString()) as { id: string }[]
    if (rows[0]?.id !== RECORD) {
      held += 1
      await new Promise((resolve) => { setTimeout(resolve, 50) })
    }
    json(200, rows.map(({ id }) => ({ id, status: 'closed' })))
  })
  const rest = Array.from({ length: 20_000 }, (_, n) =>
    `${JSON.stringify({ id: `UR-2026-11-0000-0000-0001-${1000 + n}`, externalBillingId: 'INV-1' })}\n`)
  for (const way of WAYS) {
    held = 0
    const body = Buffer.from(CLOSE_LINE.toString() + rest.join(''))
    const client = await send(fixture, { path: '/v1/usage-records/close', key: PROVIDER_KEY, headers: NDJSON }, body)
    await until(() => held > 4, 'some batches')
    leave(client, way)
    await leftQuietly(t, fixture, way, { status: 200, operation: 'closeUsageRecords' })
  }
})

t.test('a caller that leaves ends the listing of a file\'s records', async (t) => {
  const fixture = await startFixture(t)
  let pages = 0
  fixture.onGet(({ path, json }) => {
    if (!path.includes('/usage/records')) return json(200, fixture.file)
    pages += 1
    // The second page, which has the first records to close, does not come.
    if (pages > 1) return
    const rows = Array.from({ length: 1000 }, (_, n) =>
      ({ id: `UR-2026-11-0000-0000-${n}-0001`, status: 'approved', usagefile: { id: FILE_ID } }))
    json(200, rows, { 'content-range': 'items 0-999/900000' })
  })
  const body = Buffer.from('{"externalBillingId":"INV-1"}')
  const path = `/v1/usage-files/${FILE_ID}/records/close`
  const head = { path, key: PROVIDER_KEY, headers: { 'content-type': 'application/json' } }
  for (const way of WAYS) {
    pages = 0
    const client = await send(fixture, head, body)
    await until(() => pages === 2, 'the second page')
    leave(client, way)
    await leftQuietly(t, fixture, way, { status: 499, operation: 'closeUsageFileRecords' })
    t.equal(pages, 2)
  }
  t.same(fixture.uploads(), [], 'nothing is closed')
})

t.test('a call that Connect never answers is logged as an error, also when the caller has left', async (t) => {
  const fixture = await startFixture(t, { env: { CONNECT_TIMEOUT_MS: '300' } })
  fixture.onUpload(() => {})
  const path = `/v1/usage-files/${FILE_ID}/submit`
  const client = await send(fixture, { path, headers: { 'content-length': '0' }, key: VENDOR_KEY })
  await until(() => fixture.uploads().length === 1, 'the write')
  client.socket.destroy()
  await until(() => linesOf(fixture, 'request failed').length === 1, 'the error')
  t.match(linesOf(fixture, 'request failed'), [{ level: 'error', err: { code: 'OUTCOME_UNKNOWN' } }])
  t.match(linesOf(fixture, 'request'), [{ status: 499 }])
})

t.test('a read that ends because the service stops is not logged as a caller that left', async (t) => {
  const fixture = await startFixture(t)
  let asked = 0
  fixture.onGet(() => { asked += 1 })
  const client = await send(fixture, { method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
  await until(() => asked === 1, 'the call')
  await fixture.app.connect.close()
  t.match(await client.answer(), { status: 503, headers: { 'retry-after': '1' }, json: { code: 'DRAINING' } })
  await until(() => linesOf(fixture, 'request').length === 1, 'the line')
  t.match(linesOf(fixture, 'request'), [{ status: 503, code: 'DRAINING' }])
  t.match(linesOf(fixture, 'request failed'), [{ level: 'error', err: { code: 'DRAINING' } }])
})

t.test('pipelined requests end with their connection, also those that wait for an earlier answer', async (t) => {
  const fixture = await startFixture(t)
  let reads = 0
  const held: (() => void)[] = []
  fixture.onGet(async exchange => {
    reads += 1
    await new Promise<void>(resolve => { held.push(resolve) })
    exchange.json(200, fixture.file)
  })
  const head = `HTTP/1.1\r\nhost: bff\r\nx-api-key: ${VENDOR_KEY}\r\n\r\n`
  const client = await fixture.client()
  client.socket.write(`GET /v1/usage-files/${FILE_ID} ${head}`.repeat(3))
  await until(() => reads === 3, 'all three are asked of Connect')
  leave(client, 'RST')
  await until(() => linesOf(fixture, 'request').length === 3, 'a line for each request')
  t.match(linesOf(fixture, 'request'), Array.from({ length: 3 }, () => ({ status: 499, complete: false })))
  t.match(await fixture.app.metrics.text(), /usage_bff_http_requests_in_flight 0/)
  for (const release of held) release()
  await fixture.quiet()
  // A request that never ended would hold up the stop for the whole time limit.
  await fixture.app.close()
})
