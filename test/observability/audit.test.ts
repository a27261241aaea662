import { createHash } from 'node:crypto'
import { outcomeOfAnswer, outcomeOfCloses } from '../../src/observability/audit-outcome.ts'
import t from 'tap'
import { asProvider, asVendor, makeApp, startApp, startUpstream, until } from '../helper.ts'
import { CLOSE, NDJSON, startStage } from '../routes/bulk-closes/stage.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'
import { fakeConnect, type Stubs } from '../routes/fake-connect.ts'
import { connectTo } from '../uploads/wire.ts'

type Line = Record<string, unknown>

const linesOf = (logs: readonly Line[]): Line[] => logs.filter(line => line['audit'] === true)
const RECORD = 'UR-2026-11-0000-0001-0001'
const NOTE = 'canary-note'
const hash = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 16)}`

async function stage (t: Parameters<typeof makeApp>[0], stubs: Stubs, env: Record<string, string> = {}) {
  return await makeApp(t, { connect: fakeConnect(stubs).connect, env })
}

t.test('an action leaves a line with the caller, the action, the object and both statuses', async (t) => {
  const { app, logs } = await stage(t, {
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
  await app.inject({ url: `/v1/usage-files/${FILE_ID}`, headers: asVendor })
  t.equal(linesOf(logs).length, 1, 'reading is not audited')
})

t.test('a line holds a hash of the billing id, no note, and both statuses where they were read', async (t) => {
  const record = (status: string) => ({
    id: RECORD,
    status,
    usagefile: { id: FILE_ID },
    ...(status === 'closed' && { external_billing_id: 'canary-invoice' })
  })
  const { app, logs } = await stage(t, {
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
  const { app, logs } = await stage(t, {
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

t.test('a line distinguishes refused, unknown and failed outcomes', async (t) => {
  let answer: [number, object] | null = null
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (request.method === 'GET') response.end(JSON.stringify(connectFile('draft')))
    else if (answer === null) request.socket.destroy()
    else response.writeHead(answer[0]).end(JSON.stringify(answer[1]))
  })
  const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const submit = async (headers: Record<string, string>): Promise<Line | undefined> => {
    await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit`, headers })
    return linesOf(logs).at(-1)
  }
  answer = [400, { errors: ['no'] }]
  t.match(await submit(asVendor), { outcome: 'refused', code: 'ACTION_NOT_ALLOWED', before: 'draft', status: 409 })
  answer = [403, { errors: [] }]
  t.match(await submit(asVendor), { outcome: 'refused', code: 'CONNECT_FORBIDDEN' })
  answer = null
  t.match(await submit(asVendor), { outcome: 'unknown', code: 'OUTCOME_UNKNOWN' })
  t.match(await submit(asProvider), { outcome: 'refused', code: 'SCOPE_MISSING', caller: 'test-provider' })
  const count = linesOf(logs).length
  await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit` })
  t.equal(linesOf(logs).length, count, 'a stranger is nobody to be named')
  await app.inject({ method: 'POST', url: '/v1/usage-files/canary-%22%0a/submit', headers: asVendor })
  t.match(linesOf(logs).at(-1), { object: {}, outcome: 'refused', code: 'VALIDATION_FAILED' })
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
  const stage = await startStage(t)
  const { ids } = await stage.approved(12)
  const body = [...ids, 'UR-2026-11-9999-9999-9999-9999']
    .map(id => `${JSON.stringify({ id, externalBillingId: 'canary-invoice', externalBillingNote: NOTE })}\n`)
    .join('')
  await (await stage.close(body, { 'content-type': NDJSON })).text()
  await until(() => linesOf(stage.logs).length === 1, 'the line')
  t.match(linesOf(stage.logs), [
    {
      operation: 'closeUsageRecords',
      role: 'provider',
      billing: null,
      outcome: 'done',
      complete: true,
      records: { closed: 12, refused: 1, unknown: 0 }
    }
  ])

  const again = await stage.approved(3)
  await (
    await stage.close(
      JSON.stringify({ externalBillingId: 'canary-invoice' }),
      {},
      `/v1/usage-files/${again.fileId}/records/close`
    )
  ).text()
  await until(() => linesOf(stage.logs).length === 2, 'the line')
  t.match(linesOf(stage.logs)[1], {
    operation: 'closeUsageFileRecords',
    object: { fileId: again.fileId },
    billing: hash('canary-invoice'),
    outcome: 'done',
    records: { closed: 3, refused: 0, unknown: 0 }
  })

  await (await stage.close('{"records":[{"id":1}]}')).text()
  t.match(linesOf(stage.logs)[2], { operation: 'closeUsageRecords', outcome: 'refused', code: 'VALIDATION_FAILED' })
  t.equal(linesOf(stage.logs).length, 3)
})

t.test('a bulk close whose caller leaves counts the records that were sent', async (t) => {
  const stage = await startStage(t, { env: { CLOSE_CONCURRENCY: '1' } })
  const { ids } = await stage.approved(10)
  stage.plan({ match: { path: '/close-records$' }, times: 1, fault: { type: 'delay', ms: 300 } })
  const client = await connectTo(t, stage.port)
  const body = Buffer.from(ids.map(id => `${JSON.stringify({ id, externalBillingId: 'INV-1' })}\n`).join(''))
  await client.sendHead({
    path: CLOSE,
    key: asProvider['x-api-key'],
    headers: { 'content-type': NDJSON, 'content-length': String(body.length) }
  })
  await client.sendBody(body)
  await until(() => stage.app.connect.stats().jsonWrite.running > 0, 'the first batch')
  client.socket.resetAndDestroy()
  await until(() => linesOf(stage.logs).length === 1, 'the line')
  t.match(linesOf(stage.logs), [
    { outcome: 'partial', complete: false, records: { requested: 10, closed: 5, refused: 0, unknown: 0, notSent: 5 } }
  ])
  const closed = [...stage.sandbox.store.records.values()].filter(
    ({ id, status }) => ids.includes(id) && status === 'closed'
  )
  t.equal(closed.length, 5, 'as Connect has it')
})

t.test('audit lines are written at every LOG_LEVEL but silent', async (t) => {
  const stubs: Stubs = { usageFiles: { submit: async () => connectFile('pending') } }
  for (const [level, lines] of [['fatal', 1], ['trace', 1], ['silent', 0]] as const) {
    const { app, logs } = await stage(t, stubs, { LOG_LEVEL: level })
    await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit`, headers: asVendor })
    t.equal(linesOf(logs).length, lines, level)
    if (level === 'fatal') t.equal(logs.length, 1)
  }
})

t.test('a request that did nothing is refused in its line, with and without a key', async (t) => {
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    response
      .writeHead(request.method === 'GET' ? 200 : 500, { 'content-type': 'application/json' })
      .end(JSON.stringify(connectFile('ready')))
  })
  const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  for (const headers of [asVendor, { ...asVendor, 'idempotency-key': 'canary-key' }]) {
    await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit`, headers })
    t.match(linesOf(logs).at(-1), { outcome: 'refused', code: 'UPSTREAM_FAILED', status: 502 })
  }
})

t.test('`before` is the status that was read before the first send', async (t) => {
  let status = 'accepted'
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (request.method === 'POST') {
      status = 'closed'
      response.statusCode = 400
    }
    response.end(JSON.stringify(request.method === 'GET' ? connectFile(status) : { errors: ['no'] }))
  })
  const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const headers = { ...asProvider, 'idempotency-key': 'canary-key' }
  await app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/close`, headers })
  t.match(linesOf(logs), [{ before: 'accepted', after: 'closed', outcome: 'done', status: 200 }])
})

t.test('a close that was sent and shows another billing id is unknown', async (t) => {
  for (const [status, outcome] of [[200, 'unknown'], [500, 'unknown'], [400, 'refused']] as const) {
    const shown = { id: RECORD, status: 'approved', usagefile: { id: FILE_ID } }
    const { baseUrl } = await startUpstream(t, (request, response) => {
      request.resume()
      response.setHeader('content-type', 'application/json')
      if (request.method === 'POST') {
        Object.assign(shown, { status: 'closed', external_billing_id: 'inv-1' })
        response.statusCode = status
      }
      response.end(JSON.stringify(request.method === 'GET' ? shown : status === 200 ? {} : { errors: ['no'] }))
    })
    const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
    const close = async (): Promise<Line | undefined> => {
      const payload = { externalBillingId: 'INV-1' }
      const url = `/v1/usage-records/${RECORD}/close`
      const answer = await app.inject({ method: 'POST', url, headers: asProvider, payload })
      t.match(answer.json(), { code: 'BILLING_CONFLICT', externalBillingId: 'inv-1' })
      return linesOf(logs).at(-1)
    }
    t.match(await close(), { outcome, status: 409, before: 'approved' }, `Connect answers ${status}`)
    t.match(await close(), { outcome: 'refused', status: 409, before: 'closed' }, 'nothing was sent')
  }
})

t.test('a replay has the outcome of the first request', async (t) => {
  for (const [status, outcome] of [[200, 'unknown'], [400, 'refused']] as const) {
    const shown = { id: RECORD, status: 'approved', usagefile: { id: FILE_ID } }
    const { baseUrl } = await startUpstream(t, (request, response) => {
      request.resume()
      response.setHeader('content-type', 'application/json')
      if (request.method === 'POST') {
        Object.assign(shown, { status: 'closed', external_billing_id: 'inv-1' })
        response.statusCode = status
      }
      response.end(JSON.stringify(request.method === 'GET' ? shown : status === 200 ? {} : { errors: ['no'] }))
    })
    const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
    const close = async (): Promise<Line | undefined> => {
      const headers = { ...asProvider, 'idempotency-key': 'k' }
      const payload = { externalBillingId: 'INV-1' }
      await app.inject({ method: 'POST', url: `/v1/usage-records/${RECORD}/close`, headers, payload })
      return linesOf(logs).at(-1)
    }
    t.match(await close(), { outcome, code: 'BILLING_CONFLICT', idempotency: 'new' })
    t.match(await close(), { outcome, code: 'BILLING_CONFLICT', idempotency: 'replay' })
  }
})

t.test('the outcome follows from the calls that were sent and their results', async (t) => {
  const answered = (status: number, code: string | null, mayHaveActed = false, isEarlierUnknown = false): string =>
    outcomeOfAnswer({ status, code, mayHaveActed, isEarlierUnknown })
  t.equal(answered(200, null), 'done')
  t.equal(answered(202, null, true), 'done')
  t.equal(answered(502, 'UPSTREAM_FAILED', true), 'refused', 'the object was read back')
  t.equal(answered(504, 'OUTCOME_UNKNOWN', true), 'unknown')
  t.equal(answered(504, 'OUTCOME_UNKNOWN'), 'unknown', 'of an earlier request')
  t.equal(answered(500, 'INTERNAL'), 'refused', 'nothing had been sent')
  t.equal(answered(500, 'INTERNAL', true), 'unknown')
  t.equal(answered(404, 'NOT_FOUND', false, true), 'unknown')
  t.equal(answered(409, 'BILLING_CONFLICT'), 'refused', 'it was closed before, or Connect refused the close')
  t.equal(answered(409, 'BILLING_CONFLICT', true), 'unknown', 'the close may have been stored in another form')
  const closes = (
    requested: number, closed: number, refused: number, unknown: number, interrupted = 0, inDoubt = 0
  ): object => {
    const counts = { requested, closed, refused, unknown, interrupted, inDoubt }
    const { outcome, records: { notSent } } = outcomeOfCloses(counts)
    return { outcome, notSent }
  }
  t.same(closes(10, 10, 0, 0), { outcome: 'done', notSent: 0 })
  t.same(closes(10, 9, 1, 0), { outcome: 'done', notSent: 0 })
  t.same(closes(10, 6, 4, 0, 3), { outcome: 'partial', notSent: 0 }, 'three would be closed by the same request')
  t.same(closes(10, 0, 10, 0, 10), { outcome: 'refused', notSent: 0 })
  t.same(closes(10, 0, 10, 0), { outcome: 'refused', notSent: 0 })
  t.same(closes(10, 9, 1, 0, 0, 1), { outcome: 'unknown', notSent: 0 }, 'one shows another billing id')
  t.same(closes(10, 9, 0, 1), { outcome: 'unknown', notSent: 0 })
  t.same(closes(200_000, 89_000, 0, 0), { outcome: 'partial', notSent: 111_000 })
  t.same(closes(10, 0, 0, 0), { outcome: 'refused', notSent: 10 }, 'its caller left before anything was sent')
  t.same(closes(0, 0, 0, 0), { outcome: 'done', notSent: 0 }, 'a file without approved records')
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
