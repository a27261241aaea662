import t from 'tap'
import { asProvider, asVendor, makeApp, startApp, startUpstream, until } from '../helper.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'
import { lines, NDJSON, startFixture as startClosing } from '../routes/bulk-closes/fixture.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { formOf, MIB, workbookOf } from '../uploads/forms.ts'
import { startFixture, taken, UPLOAD } from '../uploads/fixture.ts'
import { connectTo } from '../uploads/wire.ts'
import type { FastifyInstance } from 'fastify'

/** The value of one sample; undefined when there is none. */
async function sample (
  app: FastifyInstance,
  name: string,
  labels: Record<string, string | number> = {}
): Promise<number | undefined> {
  const text = await app.metrics.text()
  const line = text
    .split('\n')
    .find(
      line =>
        line.startsWith('usage_bff_' + name) &&
        /^[\w]+/.exec(line)?.[0] === `usage_bff_${name}` &&
        Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`))
    )
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

t.test('requests are counted by the pattern of their route, and all unknown paths as one', async (t) => {
  const { baseUrl } = await startUpstream(t, (request, response) => {
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ ...connectFile('draft'), id: request.url?.split('/').at(-1) }))
  })
  const { app, origin, port } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  for (const path of [
    `/v1/usage-files/${FILE_ID}`,
    '/v1/usage-files/UF-2026-11-4410-7720',
    '/v1/usage-files/!',
    '/nowhere/a',
    '/nowhere/b?x=1',
    '/v1/usage-files/%zz'
  ]) {
    await (await fetch(origin + path, { headers: asVendor })).text()
  }
  await (await fetch(`${origin}/v1/usage-files/${FILE_ID}`, { method: 'PUT' })).text()
  const route = '/v1/usage-files/:fileId'
  const of = async (labels: Record<string, string | number>) => await sample(app, 'http_requests_total', labels)
  await until(async () => await of({ route: 'unmatched', method: 'PUT', status: 405 }) === 1, 'the last')
  t.equal(await of({ route, method: 'GET', status: 200 }), 2)
  t.equal(await of({ route, status: 400 }), 1)
  t.equal(await of({ route: 'unmatched', method: 'GET', status: 404 }), 2)
  t.equal(await of({ route: 'unmatched', method: 'GET', status: 400 }), 1, 'even what the router cannot read')
  const client = await connectTo(t, port)
  await client.send('GET / HTTP/1.1\r\nno header\r\n\r\n')
  await client.answer()
  t.equal(await of({ route: 'unmatched', method: 'other', status: 400 }), 1, 'nor Node\'s parser')
  t.equal(await sample(app, 'problems_total', { code: 'NOT_FOUND' }), 2)
  t.equal(await sample(app, 'problems_total', { code: 'OUTCOME_UNKNOWN' }), 0, 'there from the start')
  t.equal(await sample(app, 'http_request_duration_seconds_count', { route }), 3)
  t.equal(await sample(app, 'http_requests_in_flight'), 0)
})

t.test('a request whose caller leaves is counted as 499', async (t) => {
  let isAsked = false
  const { baseUrl } = await startUpstream(t, () => { isAsked = true })
  const { app, port } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const client = await connectTo(t, port)
  await client.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
  await until(() => isAsked, 'the call')
  t.equal(await sample(app, 'http_requests_in_flight'), 1)
  t.equal(await sample(app, 'connect_pool', { pool: 'jsonRead', state: 'running' }), 1)
  client.socket.destroy()
  await until(async () => await sample(app, 'http_requests_total', { status: 499 }) === 1, 'the count')
  t.equal(await sample(app, 'http_requests_in_flight'), 0)
  await until(
    async () =>
      (await sample(app, 'connect_attempts_total', { operation: 'usageFiles.get', outcome: 'aborted' })) === 1,
    'the call to end'
  )
})

t.test('attempts at calls are counted by operation and result', async (t) => {
  const answers: [number, object][] = [
    [503, {}],
    [200, connectFile('draft')],
    [404, { errors: [] }],
    [429, {}],
    [401, { errors: [] }],
    [400, { errors: [] }]
  ]
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    const [status, body] = answers.shift() ?? [500, {}]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  const { app } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  while (answers.length > 0) await app.inject({ url: `/v1/usage-files/${FILE_ID}`, headers: asVendor })
  const of = async (outcome: string) =>
    await sample(app, 'connect_attempts_total', { operation: 'usageFiles.get', outcome })
  for (const outcome of ['server_error', 'ok', 'not_found', 'throttled', 'unauthorized', 'rejected']) {
    t.equal(await of(outcome), 1, outcome)
  }
  t.equal(await sample(app, 'connect_retries_total', { operation: 'usageFiles.get' }), 1)
  t.equal(await sample(app, 'connect_attempt_duration_seconds_count', { operation: 'usageFiles.get' }), 6)
})

t.test('uploads are counted by result', async (t) => {
  const fixture = await startFixture(t, { env: { UPLOAD_MAX_BYTES: String(2 * MIB), UPLOAD_IDLE_TIMEOUT_MS: '1000' } })
  const type = { 'content-type': 'multipart/form-data; boundary=b0undary' }
  const send = async (body: Buffer, given = body.length): Promise<Awaited<ReturnType<typeof fixture.client>>> => {
    const client = await fixture.client()
    await client.sendHead({ path: UPLOAD, headers: { ...type, 'content-length': String(body.length) } })
    await client.sendBody(body.subarray(0, given))
    return client
  }
  const form = formOf({ file: workbookOf(MIB) })
  t.equal((await (await send(form)).answer()).status, 202)
  t.equal((await (await send(formOf({ file: workbookOf(3 * MIB) }))).answer()).status, 413)
  t.equal((await (await send(formOf({ file: Buffer.alloc(500) }))).answer()).status, 422)
  t.equal((await (await send(form, 1000)).answer()).status, 408)
  fixture.onUpload(async (exchange) => {
    await exchange.body()
    exchange.json(400, { errors: ['no'] })
  })
  t.equal((await (await send(form)).answer()).status, 400)
  fixture.onUpload((exchange) => { exchange.socket.resetAndDestroy() })
  t.ok((await (await send(form)).answer()).status >= 500)
  fixture.onUpload(taken)
  const leaver = await send(form, MIB / 2)
  await until(async () => await sample(fixture.app, 'uploads_in_flight') === 1, 'the upload to begin')
  leaver.socket.resetAndDestroy()
  await until(async () => await sample(fixture.app, 'uploads_in_flight') === 0, 'the upload to end')
  const of = async (outcome: string) => await sample(fixture.app, 'uploads_total', { outcome })
  for (const outcome of ['done', 'too_large', 'refused', 'caller_silent', 'connect_refused', 'caller_left']) {
    t.equal(await of(outcome), 1, outcome)
  }
  t.equal((await of('connect_failed') ?? 0) + (await of('unknown') ?? 0), 1)
  t.ok((await sample(fixture.app, 'upload_received_bytes_total') ?? 0) > 2 * MIB, 'two came whole')
})

t.test('running bulk closes are counted, and their records when they end', async (t) => {
  const fixture = await startClosing(t)
  const { ids } = await fixture.approved(7)
  fixture.plan({ match: { path: '/close-records$' }, times: 1, fault: { type: 'delay', ms: 200 } })
  const closing = fixture.close(lines([...ids, 'UR-2026-11-9999-9999-9999-9999']), { 'content-type': NDJSON })
  await until(async () => await sample(fixture.app, 'bulk_closes_in_flight') === 1, 'the close to begin')
  await (await closing).text()
  await until(async () => await sample(fixture.app, 'bulk_closes_in_flight') === 0, 'the close to end')
  t.equal(await sample(fixture.app, 'bulk_close_records_total', { outcome: 'closed' }), 7)
  t.equal(await sample(fixture.app, 'bulk_close_records_total', { outcome: 'refused' }), 1)
})

t.test('Idempotency-Keys are counted by result, and the result is in the log lines', async (t) => {
  let writes = 0
  const answerWith = (status: string) => async () => {
    writes += 1
    return connectFile(status)
  }
  const usageFiles = {
    submit: answerWith('pending'), get: async () => connectFile('ready'), reject: answerWith('rejected')
  }
  const { app, logs } = await makeApp(t, {
    connect: fakeConnect({ usageFiles }).connect
  })
  const post = async (what: string, key: string, payload?: object) =>
    (
      await app.inject({
        method: 'POST',
        url: `/v1/usage-files/${FILE_ID}/${what}`,
        headers: { ...(what === 'submit' ? asVendor : asProvider), 'idempotency-key': key },
        ...(payload !== undefined && { payload })
      })
    ).statusCode
  t.equal(await post('submit', 'canary-key-1'), 200)
  t.equal(await post('submit', 'canary-key-1'), 200)
  t.equal(await post('reject', 'canary-key-2', { note: 'a' }), 200)
  t.equal(await post('reject', 'canary-key-2', { note: 'b' }), 422)
  t.equal(writes, 2)
  const of = async (result: string) => await sample(app, 'idempotency_total', { result })
  t.same([await of('new'), await of('replay'), await of('mismatch'), await of('conflict')], [2, 1, 1, 0])
  for (const msg of ['request', 'audit']) {
    t.same(
      logs.filter(line => line['msg'] === msg).map(({ idempotency }) => idempotency),
      ['new', 'replay', 'new', 'mismatch'],
      msg
    )
  }
})

t.test('a refused reload of the callers file is counted', async (t) => {
  const { app } = await makeApp(t)
  app.metrics.callersReloaded(false)
  t.equal(await sample(app, 'callers_reloads_total', { result: 'refused' }), 1)
  t.equal(await sample(app, 'callers_reloads_total', { result: 'taken' }), 0)
})

t.test('refusals by limits are counted, and so is counting without the shared store', async (t) => {
  const counter = { hit: async () => { throw new Error('down') } }
  const store = { ...counter, close: async () => {} } as never
  const { app } = await makeApp(t, { store, env: { RATE_LIMIT_PER_MINUTE: '2' } })
  for (const status of [200, 200, 429, 429]) {
    const answer = await app.inject({ url: '/v1/usage-files/!', headers: asVendor })
    t.equal(answer.statusCode, status === 200 ? 400 : 429)
  }
  t.equal(await sample(app, 'rate_limited_total', { limit: 'requests' }), 2)
  t.equal(await sample(app, 'rate_limited_total', { limit: 'credentials' }), 0)
  t.equal(await sample(app, 'rate_limit_fallbacks_total'), 4)
})

t.test('each app has its own counters', async (t) => {
  const [one, other] = [await makeApp(t), await makeApp(t)]
  await one.app.inject('/health/live')
  t.equal(await sample(one.app, 'http_requests_total', { route: '/health/live' }), 1)
  t.equal(await sample(other.app, 'http_requests_total'), undefined)
})
