import { outcomeOfAnswer, outcomeOfCloses } from '../../src/observability/audit-outcome.ts'
import t from 'tap'
import { asProvider, asVendor, startApp, startUpstream, until } from '../helper.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'
import { type Line, linesOf, RECORD } from './audit-fixture.ts'

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

t.test('a request that ends after the time limit of a stop has one line', async (t) => {
  let answerSubmit: (() => void) | null = null
  const { baseUrl } = await startUpstream(t, (request, response) => {
    request.resume()
    const answer = (): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(connectFile('pending')))
    }
    if (request.method === 'GET') answer()
    else answerSubmit = answer
  })
  const { app, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const submit = app.inject({ method: 'POST', url: `/v1/usage-files/${FILE_ID}/submit`, headers: asVendor })
  await until(() => answerSubmit !== null, 'the write to be sent')
  t.equal(app.reachDrainLimit(), true)
  t.match(linesOf(logs), [{ operation: 'submitUsageFile', outcome: 'unknown' }])
  answerSubmit!()
  t.equal((await submit).statusCode, 200)
  t.equal(linesOf(logs).length, 1)
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
