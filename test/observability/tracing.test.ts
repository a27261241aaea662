import { createServer, type AddressInfo } from 'node:net'
import { Session } from 'node:inspector/promises'
import t from 'tap'
import { parseTraceparent } from '../../src/observability/tracing/trace.ts'
import { startCollector } from '../collector.ts'
import { asProvider, asVendor, makeApp, startApp, startBoth, startUpstream } from '../helper.ts'
import { connectFile, FILE_ID } from '../routes/call.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const GIVEN = `00-${TRACE}-${PARENT}-01`

/** The files of OpenTelemetry that this process has loaded. */
async function loaded (): Promise<string[]> {
  const urls: string[] = []
  const session = new Session()
  session.connect()
  session.on('Debugger.scriptParsed', ({ params }) => { urls.push(params.url) })
  await session.post('Debugger.enable')
  session.disconnect()
  if (!urls.some(url => url.includes('/lmdb/'))) throw new Error('the list of scripts is not one')
  return urls.filter(url => url.includes('@opentelemetry'))
}

/** An upstream that remembers the traceparent of each call; the first `failures` fail. */
async function startRemembering (t: Parameters<typeof startUpstream>[0], failures = 0) {
  const seen: (string | undefined)[] = []
  const { baseUrl } = await startUpstream(t, (request, response) => {
    seen.push(request.headers['traceparent'] as string | undefined)
    response
      .writeHead(seen.length <= failures ? 503 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(connectFile('draft')))
  })
  return { seen, baseUrl }
}

t.test('without a collector no OpenTelemetry package is loaded, and traceparent is passed on', async (t) => {
  const { seen, baseUrl } = await startRemembering(t)
  const { app, logs } = await makeApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
  const get = async (headers: Record<string, string>) =>
    await app.inject({ url: `/v1/usage-files/${FILE_ID}`, headers: { ...asVendor, ...headers } })
  await get({ traceparent: GIVEN })
  t.equal(seen.at(-1), GIVEN, 'as it came')
  t.equal(logs.at(-1)?.['traceId'], TRACE)
  for (const traceparent of [
    '',
    'canary-trace',
    `01-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    GIVEN.toUpperCase(),
    `${GIVEN}-x`
  ]) {
    await get({ traceparent })
    t.match(seen.at(-1), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/, `a new one for "${traceparent}"`)
    t.notMatch(seen.at(-1), TRACE)
    t.equal(parseTraceparent(seen.at(-1))?.traceId, logs.at(-1)?.['traceId'])
  }
  t.equal(new Set(seen).size, seen.length, 'a new one each')
  t.same(await loaded(), [])
})

t.test('with a collector, a request is a span and each attempt at a call is a span below it', async (t) => {
  const collector = await startCollector(t)
  const { seen, baseUrl } = await startRemembering(t, 1)
  const { app } = await startApp(t, {
    env: { CONNECT_BASE_URL: baseUrl, OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.origin}/` }
  })
  await app.inject({
    url: `/v1/usage-files/${FILE_ID}?include=`,
    headers: { ...asVendor, traceparent: GIVEN, 'x-request-id': 'traced-request' }
  })
  await app.inject({
    url: `/v1/usage-files/${FILE_ID}`,
    headers: { ...asVendor, traceparent: GIVEN, 'x-request-id': 'traced-request' }
  })
  await app.inject({ url: '/v1/usage-files/canary-id/nowhere?sig=canary-sig', headers: asVendor })
  await app.close()

  const server = collector.spans.filter(({ kind }) => kind === 2)
  const calls = collector.spans.filter(({ kind }) => kind === 3)
  t.match(
    server.map(({ name }) => name),
    ['GET /v1/usage-files/:fileId', 'GET /v1/usage-files/:fileId', 'GET unmatched']
  )
  const request = server.find(({ spanId }) => calls.some(({ parentSpanId }) => parentSpanId === spanId))
  t.match(request, { traceId: TRACE, parentSpanId: PARENT, isError: false })
  t.same(request?.attributes, {
    'http.request.method': 'GET',
    'http.route': '/v1/usage-files/:fileId',
    'operation.id': 'getUsageFile',
    'request.id': 'traced-request',
    'http.response.status_code': 200
  })
  t.equal(calls.length, 2)
  t.same(
    calls.map(({ name, attributes, isError, parentSpanId, traceId }) => ({
      name,
      attributes,
      isError,
      parentSpanId,
      traceId
    })),
    [
      {
        name: 'usageFiles.get',
        attributes: {
          'connect.operation': 'usageFiles.get',
          'connect.attempt': 1,
          'http.response.status_code': 503,
          'error.type': 'response'
        },
        isError: true,
        parentSpanId: request?.spanId,
        traceId: TRACE
      },
      {
        name: 'usageFiles.get',
        attributes: { 'connect.operation': 'usageFiles.get', 'connect.attempt': 2, 'http.response.status_code': 200 },
        isError: false,
        parentSpanId: request?.spanId,
        traceId: TRACE
      }
    ]
  )
  t.same(seen, calls.map(({ spanId }) => `00-${TRACE}-${spanId}-01`), 'what went to Connect is the attempt itself')
  const lost = server.find(({ name }) => name === 'GET unmatched')
  t.match(lost, { attributes: { 'http.response.status_code': 404, 'problem.code': 'NOT_FOUND' }, isError: false })
  t.not(lost?.traceId, TRACE)
  t.match(collector.resource(), { 'service.name': 'connect-usage-bff' })
  t.notMatch(collector.bodies.join(), /canary-|SU-\d|test-vendor-key|127\.0\.0\.1/)
  t.ok((await loaded()).length > 0, 'now it is loaded')
})

t.test('a trace that the caller does not sample is not recorded, and is passed on as not sampled', async (t) => {
  const collector = await startCollector(t)
  const { seen, baseUrl } = await startRemembering(t)
  const { app } = await makeApp(t, {
    env: { CONNECT_BASE_URL: baseUrl, OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin }
  })
  await app.inject({
    url: `/v1/usage-files/${FILE_ID}`,
    headers: { ...asVendor, traceparent: GIVEN.replace(/01$/, '00') }
  })
  await app.close()
  t.match(seen, [new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`)])
  t.same(collector.spans, [])
})

t.test('the storage host gets no trace header', async (t) => {
  const collector = await startCollector(t)
  const { app, sandbox, origin } = await startBoth(t, {}, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin } })
  const { items } = (await (
    await fetch(`${origin}/v1/usage-files?status=closed&limit=1`, { headers: asProvider })
  ).json()) as { items: { id: string }[] }
  sandbox.ledger.clear()
  t.equal(
    (
      await fetch(`${origin}/v1/usage-files/${items[0]?.id}/files/processed`, {
        headers: { ...asProvider, traceparent: GIVEN }
      })
    ).status,
    200
  )
  const storage = sandbox.ledger.entries.filter(({ path }) => path.startsWith('/storage'))
  t.equal(storage.length, 1)
  t.notMatch(JSON.stringify(storage[0]), new RegExp(TRACE))
  await app.close()
  t.ok(
    collector.spans.some(({ name, traceId }) => name === 'storage.fetch' && traceId === TRACE),
    'though there is a span for it'
  )
})

t.test('a broken collector fails no request, and delays the stop by two seconds at most', async (t) => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => { silent.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => { silent.close() })
  const refusing = await startCollector(t, 500)
  const endpoints = {
    silent: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    refusing: refusing.origin,
    absent: 'http://127.0.0.1:1'
  }
  for (const [what, endpoint] of Object.entries(endpoints)) {
    const { app, logs } = await makeApp(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
    const answers = await Promise.all(
      Array.from(
        { length: what === 'refusing' ? 3_000 : 300 },
        async () => (await app.inject('/health/live')).statusCode
      )
    )
    t.ok(answers.every(status => status === 200), what)
    const startedAt = performance.now()
    await app.close()
    t.ok(performance.now() - startedAt < 9_000, `${what}: ${Math.round(performance.now() - startedAt)} ms`)
    t.equal(logs.filter(({ level }) => level === 'error').length, 0)
    if (what === 'refusing') {
      t.match(await app.metrics.text(), /^usage_bff_trace_exports_total\{result="failed"\} [1-9]/m)
      t.equal(logs.filter(({ msg }) => msg === 'the collector takes no traces').length, 1, 'said once')
    }
  }
})
