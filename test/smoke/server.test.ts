import { readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import t from 'tap'
import { startUpstream } from '../helper.ts'
import { callersFile, fetchText, PARTNER_KEY, run, SECRET, serverOf } from './server-fixture.ts'

t.test('the service starts, shows its health and its document, and ends on SIGTERM', async (t) => {
  const { server, origin } = await serverOf(t)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  t.same(await fetchText(`${origin}/health/live`).then(({ status, body }) => [status, JSON.parse(body)]), [
    200,
    { status: 'ok', version }
  ])
  t.equal((await fetchText(`${origin}/health/ready`)).status, 200)
  const document = JSON.parse((await fetchText(`${origin}/openapi.json`)).body) as {
    openapi: string
    info: { version: string }
    paths: object
  }
  t.match(document.openapi, /^3\.1/)
  t.equal(document.info.version, version)
  const started = await server.prints(/\{.*"msg":"started".*\}/)
  t.equal((JSON.parse(started[0]) as { version: string }).version, version)
  t.ok(Object.keys(document.paths).length > 10)
  t.match((await fetchText(`${origin}/openapi.yaml`)).body, /^openapi: 3\.1/)
  t.equal((await fetchText(`${origin}/docs/`)).status, 200)
  const { body: metrics } = await fetchText(`${origin}/metrics`)
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
    'usage_bff_http_requests_total',
    `usage_bff_build_info\\{version="${version}",node="${process.versions.node}"\\} 1`
  ]) { t.match(metrics, new RegExp(`^${name}`, 'm')) }
  const startOfStop = performance.now()
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 0)
  t.ok(performance.now() - startOfStop < 15_000, 'quickly')
  t.notMatch(server.output(), /smoke-secret|smoke-partner-key/)
})

t.test(
  'SIGTERM with an idle connection open and a request in flight: the request is answered, then it ends',
  async t => {
    const { promise: arrived, resolve: arrive } = withResolvers()
    let answerUpstream = (): void => {}
    const { baseUrl } = await startUpstream(t, (_request, response) => {
      answerUpstream = () => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' }).end('[]')
      }
      arrive()
    })
    const { server, origin } = await serverOf(t, { CONNECT_BASE_URL: baseUrl })
    const agent = new Agent({ keepAlive: true })
    t.teardown(() => {
      agent.destroy()
    })
    await fetchText(`${origin}/health/live`, agent)

    const inFlight = fetchText(`${origin}/v1/usage-files?limit=1`)
    await arrived
    server.child.kill('SIGTERM')
    await server.prints(/draining/)
    answerUpstream()
    const { status, body, headers } = await inFlight
    t.equal(status, 200)
    t.match(JSON.parse(body), { items: [], total: 0 })
    t.equal(headers.connection, 'close')
    const answered = performance.now()
    t.equal(await server.exits(), 0)
    t.ok(performance.now() - answered < 15_000, 'the idle connection did not hold it up')
  }
)

t.test('after SIGTERM a write that Connect never answers ends at the limit, with a log line', async (t) => {
  const { promise: arrived, resolve: arrive } = withResolvers()
  const { baseUrl } = await startUpstream(t, () => { arrive() })
  const env = {
    CONNECT_BASE_URL: baseUrl,
    DRAIN_TIMEOUT_MS: '200',
    CALLERS_FILE: callersFile('writers.json', PARTNER_KEY, SECRET, 'usage:submit')
  }
  const { server, origin } = await serverOf(t, env)
  const cut = fetch(`${origin}/v1/usage-files/UF-2026-11-0000-0001/submit`, {
    method: 'POST',
    headers: { 'x-api-key': PARTNER_KEY }
  })
  cut.catch(() => {})
  await arrived
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 1)
  t.match(server.output(), /drain limit reached/)
  t.match(
    server.output(),
    /"audit":true.*"operation":"submitUsageFile","object":\{"fileId":"UF-2026-11-0000-0001"\},"outcome":"unknown"/,
    'what is left in doubt has its line'
  )
})

t.test('a key that is removed from the file is refused, and SIGHUP reads the file at once', async (t) => {
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' }).end('[]')
  })
  const { server, origin } = await serverOf(t, { CONNECT_BASE_URL: baseUrl })
  const status = async (): Promise<number | undefined> => (await fetchText(`${origin}/v1/usage-files?limit=1`)).status
  t.equal(await status(), 200)
  callersFile('callers.json', PARTNER_KEY, 'SU-1:smoke-secret')
  await server.prints(/the callers do not change/)
  t.match(server.output(), 'accounts.acme.apiKey')
  t.equal(await status(), 200)
  // The file has not changed since, so only the signal can make the service read it and complain again.
  server.child.kill('SIGHUP')
  await server.prints(/the callers do not change[^]*the callers do not change/)
  callersFile('callers.json', 'another-partner-key')
  server.child.kill('SIGHUP')
  await server.prints(/callers reloaded/)
  t.equal(await status(), 401)
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 0)
  t.notMatch(server.output(), /smoke-secret|smoke-partner-key/)
})

t.test('the health check follows the state of the service', async (t) => {
  const { server, origin } = await serverOf(t)
  const check = async (): Promise<number | null> =>
    await run(t, 'node', ['dist/src/health-check.js'], { PORT: new URL(origin).port }).exits()
  t.equal(await check(), 0)
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 0)
  t.equal(await check(), 1)
})

function withResolvers (): { promise: Promise<void>, resolve: () => void } {
  let done = (): void => {}
  const promise = new Promise<void>((resolve) => { done = resolve })
  return { promise, resolve: done }
}
