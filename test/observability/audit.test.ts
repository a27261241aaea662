import { createHash } from 'node:crypto'
import t from 'tap'
import { asProvider, asVendor, makeApp, startApp, startUpstream, until } from '../helper.ts'
import { CLOSE, NDJSON, startFixture } from '../routes/bulk-closes/fixture.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'
import { fakeConnect, type Stubs } from '../routes/fake-connect.ts'
import { connectTo } from '../uploads/wire.ts'
import { linesOf, RECORD } from './audit-fixture.ts'

const NOTE = 'canary-note'
const hash = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`

async function startWithStubs (t: Parameters<typeof makeApp>[0], stubs: Stubs, env: Record<string, string> = {}) {
  return await makeApp(t, { connect: fakeConnect(stubs).connect, env })
}

t.test('an action leaves a line with the caller, the action, the object and both statuses', async (t) => {
  const { app, logs } = await startWithStubs(t, {
    usageFiles: { submit: async () => connectFile('pending'), get: async () => connectFile('pending') }
  })
  await app.inject({
    method: 'POST',
    url: `/v1/usage-files/${FILE_ID}/submit`,
    headers: { ...asVendor, 'x-request-id': 'audited-1' }
  })
  t.match(linesOf(logs), [
    {
      audit: true,
      level: 'info',
      msg: 'audit',
      requestId: 'audited-1',
      caller: 'test-vendor',
      account: 'vendor',
      role: 'vendor',
      operation: 'submitUsageFile',
      object: { fileId: FILE_ID },
      after: 'pending',
      outcome: 'done',
      status: 200,
      traceId: /^[0-9a-f]{32}$/
    }
  ])
  for (const method of ['GET', 'HEAD'] as const) {
    for (const url of [`/v1/usage-files/${FILE_ID}`, '/v1/me']) {
      t.equal((await app.inject({ method, url, headers: asVendor })).statusCode, 200)
    }
  }
  t.equal(linesOf(logs).length, 1, 'reading is not audited')
})

t.test('a line holds a hash of the billing id, no note, and both statuses where they were read', async (t) => {
  const record = (status: string) => ({
    id: RECORD,
    status,
    usagefile: { id: FILE_ID },
    ...(status === 'closed' && { external_billing_id: 'canary-invoice' })
  })
  const { app, logs } = await startWithStubs(t, {
    usageRecords: { get: async () => record('approved'), close: async () => record('closed') }
  })
  const body = { externalBillingId: 'canary-invoice', externalBillingNote: NOTE }
  await app.inject({
    method: 'POST',
    url: `/v1/usage-records/${RECORD}/close`,
    headers: { ...asProvider, 'idempotency-key': 'canary-idempotency' },
    payload: body
  })
  t.match(linesOf(logs), [
    {
      operation: 'closeUsageRecord',
      object: { recordId: RECORD },
      before: 'approved',
      after: 'closed',
      billing: hash('canary-invoice'),
      outcome: 'done'
    }
  ])
})

t.test('a line names the object that was created', async (t) => {
  const { app, logs } = await startWithStubs(t, {
    usageFiles: { create: async () => connectFile('draft'), get: async () => connectFile('draft') }
  })
  const payload = {
    name: 'October',
    productId: 'PRD-113-628-780',
    contractId: 'CRD-1',
    period: { from: '2026-10-01', to: '2026-10-31' }
  }
  await app.inject({ method: 'POST', url: '/v1/usage-files', headers: asVendor, payload })
  t.match(linesOf(logs), [
    { operation: 'createUsageFile', object: { created: FILE_ID }, after: 'draft', outcome: 'done', status: 201 }
  ])
})

t.test('a request whose caller leaves has its audit line', async (t) => {
  let release: (() => void) | null = null
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    const answer = (): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(connectFile('pending')))
    }
    if (request.method === 'GET') answer()
    else release = answer
  })
  const { port, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const client = await connectTo(t, port)
  await client.sendHead({ path: `/v1/usage-files/${FILE_ID}/submit`, headers: { 'content-length': '0' } })
  await until(() => release !== null, 'the call')
  client.socket.resetAndDestroy()
  await until(() => logs.some(({ msg, status }) => msg === 'request' && status === 499), 'the caller to be gone')
  t.equal(linesOf(logs).length, 0, 'nothing is known yet')
  release!()
  await until(() => linesOf(logs).length === 1, 'the line')
  t.match(linesOf(logs), [{ operation: 'submitUsageFile', outcome: 'done', after: 'pending' }])
})

t.test('a bulk close has one line, at its end, with the outcomes of its records', async (t) => {
  const fixture = await startFixture(t)
  const { ids } = await fixture.approved(12)
  const body = [...ids, 'UR-2026-11-9999-9999-9999-9999']
    .map(id => `${JSON.stringify({ id, externalBillingId: 'canary-invoice', externalBillingNote: NOTE })}\n`)
    .join('')
  await (await fixture.close(body, { 'content-type': NDJSON })).text()
  await until(() => linesOf(fixture.logs).length === 1, 'the line')
  t.match(linesOf(fixture.logs), [
    {
      operation: 'closeUsageRecords',
      role: 'provider',
      billing: null,
      outcome: 'done',
      complete: true,
      records: { closed: 12, refused: 1, unknown: 0 }
    }
  ])

  const again = await fixture.approved(3)
  await (
    await fixture.close(
      JSON.stringify({ externalBillingId: 'canary-invoice' }),
      {},
      `/v1/usage-files/${again.fileId}/records/close`
    )
  ).text()
  await until(() => linesOf(fixture.logs).length === 2, 'the line')
  t.match(linesOf(fixture.logs)[1], {
    operation: 'closeUsageFileRecords',
    object: { fileId: again.fileId },
    billing: hash('canary-invoice'),
    outcome: 'done',
    records: { closed: 3, refused: 0, unknown: 0 }
  })

  await (await fixture.close('{"records":[{"id":1}]}')).text()
  t.match(linesOf(fixture.logs)[2], { operation: 'closeUsageRecords', outcome: 'refused', code: 'VALIDATION_FAILED' })
  t.equal(linesOf(fixture.logs).length, 3)
})

t.test('a bulk close whose caller leaves counts the records that were sent', async (t) => {
  const fixture = await startFixture(t, { env: { CLOSE_CONCURRENCY: '1' } })
  const { ids } = await fixture.approved(10)
  fixture.plan({ match: { path: '/close-records$' }, times: 1, fault: { type: 'delay', ms: 300 } })
  const client = await connectTo(t, fixture.port)
  const body = Buffer.from(ids.map(id => `${JSON.stringify({ id, externalBillingId: 'INV-1' })}\n`).join(''))
  await client.sendHead({
    path: CLOSE,
    key: asProvider['x-api-key'],
    headers: { 'content-type': NDJSON, 'content-length': String(body.length) }
  })
  await client.sendBody(body)
  await until(() => fixture.app.connect.stats().jsonWrite.running > 0, 'the first batch')
  client.socket.resetAndDestroy()
  await until(() => linesOf(fixture.logs).length === 1, 'the line')
  t.match(linesOf(fixture.logs), [
    { outcome: 'partial', complete: false, records: { requested: 10, closed: 5, refused: 0, unknown: 0, notSent: 5 } }
  ])
  const closed = [...fixture.sandbox.store.records.values()].filter(
    ({ id, status }) => ids.includes(id) && status === 'closed'
  )
  t.equal(closed.length, 5, 'as Connect has it')
})

t.test('audit lines are written at every LOG_LEVEL but silent', async (t) => {
  const stubs: Stubs = { usageFiles: { submit: async () => connectFile('pending') } }
  for (const [level, lines] of [['fatal', 1], ['trace', 1], ['silent', 0]] as const) {
    const { app, logs } = await startWithStubs(t, stubs, { LOG_LEVEL: level })
    await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit`, headers: asVendor })
    t.equal(linesOf(logs).length, lines, level)
    if (level === 'fatal') t.equal(logs.length, 1)
  }
})

t.test('an upload that is cut before the commit point is refused in its line', async (t) => {
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(connectFile('draft')))
    }
  })
  const { port, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const client = await connectTo(t, port)
  await client.sendHead({
    path: `/v1/usage-files/${FILE_ID}/upload`,
    headers: { 'content-type': 'application/octet-stream', 'content-length': '5000000' }
  })
  await client.sendBody(Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(1_000_000)]))
  client.socket.resetAndDestroy()
  await until(() => linesOf(logs).length === 1, 'the line')
  t.match(linesOf(logs), [{ operation: 'uploadUsageFile', outcome: 'refused' }])
})
