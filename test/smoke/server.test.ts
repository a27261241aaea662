import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync,
  realpathSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { DEMO_KEYS, sha256Hex } from '../../src/credentials/callers.ts'
import { makeFolder, startUpstream } from '../helper.ts'
import { freePorts, start, type Started } from './processes.ts'

/** The program as it ships, bundled, in a folder of its own and started with nothing but its settings. */
const home = mkdtempSync(join(tmpdir(), 'connect-usage-bff-smoke-'))
t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
copyFileSync('package.json', join(home, 'package.json'))
symlinkSync(resolve('node_modules'), join(home, 'node_modules'))
execFileSync('npm', [
  'run',
  '-s',
  'bundle',
  '--',
  'src/server.ts',
  'src/table-worker.ts',
  'src/health-check.ts',
  'src/keys.ts',
  'src/check-config.ts',
  'src/openapi.ts',
  `--outdir=${join(home, 'dist')}`
])

const SECRET = 'ApiKey SU-100-200-300:smoke-secret'
const PARTNER_KEY = 'smoke-partner-key'

function callersFile (name: string, key: string, apiKey = SECRET, ...scopes: string[]): string {
  const path = join(home, name)
  writeFileSync(
    path,
    JSON.stringify({
      accounts: { acme: { role: 'vendor', accountId: 'VA-100-200', apiKey } },
      callers: [
        {
          id: 'smoke',
          account: 'acme',
          scopes: ['usage:read', ...scopes],
          keys: [{ id: 'k', sha256: sha256Hex(key), expiresAt: null }]
        }
      ]
    })
  )
  return path
}

function run (t: Test, command: string, args: string[], env: Record<string, string>): Started {
  const started = start(command, args, { cwd: home, env })
  t.teardown(() => { started.kill() })
  return started
}

async function beginServer (t: Test, env: Record<string, string>): Promise<{ server: Started }> {
  const settings = {
    PORT: '0',
    STORE_URL: `file:${mkdtempSync(join(home, 'store-'))}`,
    CALLERS_FILE: callersFile('callers.json', PARTNER_KEY),
    ...env
  }
  return { server: run(t, 'node', ['dist/src/server.js'], settings) }
}

async function serverOf (t: Test, env: Record<string, string> = {}): Promise<{ server: Started, origin: string }> {
  const { server } = await beginServer(t, env)
  const [, origin = ''] = await server.prints(/(http:\/\/127\.0\.0\.1:\d+)/)
  return { server, origin }
}

async function fetchText (
  url: string,
  agent?: Agent
): Promise<{ status: number | undefined; body: string; headers: IncomingMessage['headers'] }> {
  const request = get(url, { ...(agent !== undefined && { agent }), headers: { 'x-api-key': PARTNER_KEY } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer), headers: answer.headers }
}

t.test('without a folder for temporary files the service does not start, and names the folder', async (t) => {
  const env = {
    TMPDIR: join(home, 'nowhere'),
    STORE_URL: `file:${join(home, 'store')}`,
    CALLERS_FILE: callersFile('callers.json', PARTNER_KEY)
  }
  const server = run(t, 'node', ['dist/src/server.js'], env)
  t.equal(await server.exits(), 1)
  t.equal(
    server.output(),
    `The folder for temporary files, ${join(home, 'nowhere')} (TMPDIR), cannot be written: ENOENT.\n`
  )
})

t.test('packages that only some installations need are loaded only there', async (t) => {
  const program = readFileSync(join(home, 'dist/src/server.js'), 'utf8')
  const imported = [...program.matchAll(/^import (?:[^;"]* from )?"([^"]+)";$/gm)].map(([, name]) => name)
  t.ok(imported.includes('node:http'), 'the imports were found')
  for (const name of ['lmdb', 'yaml', '@opentelemetry/api', '@opentelemetry/sdk-trace']) {
    t.ok(program.includes(`import("${name}")`), name)
    t.notOk(imported.includes(name), name)
    t.notOk(new RegExp(`(?<!__)require\\("${name}"\\)`).test(program), name)
  }
})

t.test('the bundle needs only the packages outside it, and tracing needs its own', async (t) => {
  // Not in `home`, where Node.js would find the packages of the folder above.
  const slim = makeFolder(t)
  copyFileSync('package.json', join(slim, 'package.json'))
  cpSync(join(home, 'dist'), join(slim, 'dist'), { recursive: true })
  mkdirSync(join(slim, 'node_modules/@fastify'), { recursive: true })
  for (const name of ['lmdb', 'yaml', '@fastify/swagger-ui']) {
    symlinkSync(realpathSync(`node_modules/${name}`), join(slim, 'node_modules', name))
  }
  const env = {
    PORT: '0', STORE_URL: `file:${join(slim, 'store')}`, CALLERS_FILE: callersFile('callers.json', PARTNER_KEY)
  }
  const server = start('node', ['dist/src/server.js'], { cwd: slim, env })
  t.teardown(() => { server.kill() })
  const [, origin = ''] = await server.prints(/(http:\/\/127\.0\.0\.1:\d+)/)
  for (const path of ['/health/ready', '/openapi.yaml', '/docs/', '/metrics']) {
    t.equal((await fetchText(`${origin}${path}`)).status, 200, path)
  }
  server.child.kill('SIGTERM')
  t.equal(await server.exits(), 0)
  const traced = start('node', ['dist/src/server.js'], {
    cwd: slim, env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
  })
  t.teardown(() => { traced.kill() })
  t.equal(await traced.exits(), 1)
  t.match(traced.output(), /^OTEL_EXPORTER_OTLP_ENDPOINT is set, but the packages of OpenTelemetry .*KEEP=traces.*\n$/)
})

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
  t.ok(performance.now() - startOfStop < 3_000, 'quickly')
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
    t.ok(performance.now() - answered < 3_000, 'the idle connection did not hold it up')
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

t.test('wrong settings stop the start with every fault, and no message holds a secret', async (t) => {
  const server = run(t, 'node', ['dist/src/server.js'], {
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    TRUST_PROXY: 'true',
    CONNECT_BASE_URL: 'https://user:smoke-secret@connect.example.com/public/v1',
    CALLERS_FILE: callersFile('bad.json', PARTNER_KEY, 'SU-1:smoke-secret', 'usage:close')
  })
  t.equal(await server.exits(), 1)
  for (const name of ['PORT', 'LOG_LEVEL', 'TRUST_PROXY', 'CONNECT_BASE_URL', 'accounts.acme.apiKey', 'scopes']) {
    t.match(server.output(), name)
  }
  t.notMatch(server.output(), /smoke-secret|smoke-partner-key|\bat .*\.js:/)
})

t.test('an error at the start is one line without a stack', async (t) => {
  const [port] = await freePorts(1)
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => { other.close() })
  mkdirSync(join(home, 'folder'), { recursive: true })
  const cases: [Record<string, string>, RegExp][] = [
    [
      { PORT: String(port) },
      /^The service cannot listen at port \d+ of 127\.0\.0\.1 \(HOST, PORT\): another process listens there \(EADDRINUSE\)\.$/
    ],
    [{ HOST: 'nowhere.invalid' }, /cannot listen at .*: the name has no address \(ENOTFOUND\)\.$/],
    [{ HOST: '192.0.2.1' }, /cannot listen at .*: this machine does not have the address \(EADDRNOTAVAIL\)\.$/],
    [{ STORE_URL: 'file:/proc/store' }, /^The state store at \/proc\/store \(STORE_URL\) cannot be opened: ENOENT/],
    [{ STORE_URL: 'file:/etc/passwd' }, /^The state store at \/etc\/passwd \(STORE_URL\) cannot be opened: EEXIST/]
  ]
  for (const [env, line] of cases) {
    const { server } = await beginServer(t, env)
    t.equal(await server.exits(), 1, JSON.stringify(env))
    const lines = server.output().trimEnd().split('\n').filter(one => !one.startsWith('{'))
    t.equal(lines.length, 1, server.output())
    t.match(lines[0], line)
  }
  const { server } = await beginServer(t, {
    HOST: '[::]',
    STORAGE_HOSTS: '-a.b.com',
    STORE_URL: 'redis://127.0.0.1/abc',
    CONNECT_BASE_URL: 'http://connect.example',
    CALLERS_FILE: join(home, 'folder')
  })
  t.equal(await server.exits(), 1)
  for (const fault of [
    /- HOST: must be/, /- STORAGE_HOSTS: must be/, /- STORE_URL: must be/, /- CONNECT_BASE_URL: is plain http/,
    /- CALLERS_FILE: \S+folder cannot be read: it is a folder \(EISDIR\)/
  ]) t.match(server.output(), fault)
  t.equal(server.output().trimEnd().split('\n').length, 6)
})

t.test('npm start without a build prints one line', async (t) => {
  const empty = mkdtempSync(join(home, 'empty-'))
  copyFileSync('package.json', join(empty, 'package.json'))
  const server = start('npm', ['start', '--silent'], { cwd: empty })
  t.equal(await server.exits(), 1)
  t.equal(server.output(), 'The service is not built. Run npm run build, then npm start.\n')
})

t.test('the start logs the settings, and warns of doubtful ones', async (t) => {
  const { server } = await serverOf(t, {
    CONNECT_BASE_URL: 'http://connect.example/public/v1',
    CONNECT_ALLOW_HTTP: 'true',
    CORS_ORIGIN: 'https://smoke-secret'
  })
  const started = JSON.parse((await server.prints(/\{.*"msg":"started".*\}/))[0]) as object
  t.match(started, { connect: 'http://connect.example/public/v1', store: 'folder', callers: 1, tokens: false })
  await server.prints(/"level":"warn".*CONNECT_BASE_URL: is plain http/)
  await server.prints(/"level":"warn".*CORS_ORIGIN is set, but is not read\. Did you mean CORS_ORIGINS\?/)
  t.notMatch(server.output(), /smoke-secret/)
})

t.test('the service does not start without callers', async (t) => {
  const server = run(t, 'node', ['dist/src/server.js'], { PORT: '0' })
  t.equal(await server.exits(), 1)
  t.match(server.output(), 'CALLERS_FILE: is required')
})

t.test('npm run keys and check-config use the existing build', async (t) => {
  // This folder holds no sources, so a build would fail.
  const env = { CALLERS_FILE: callersFile('listed.json', PARTNER_KEY) }
  const keys = run(t, 'npm', ['run', '-s', 'keys', '--', 'list'], env)
  t.equal(await keys.exits(), 0)
  t.match(keys.output(), /^CALLER .*\nsmoke .*usage:read/)
  const check = run(t, 'npm', ['run', '-s', 'check-config'], env)
  t.equal(await check.exits(), 0)
  t.match(check.output(), 'The configuration has no fault.')
})

t.test('npm start refuses the demo keys of the sandbox', async (t) => {
  for (const key of Object.values(DEMO_KEYS)) {
    const server = run(t, 'npm', ['start'], { PORT: '0', CALLERS_FILE: callersFile('demo.json', key) })
    t.equal(await server.exits(), 1)
    t.match(server.output(), /demo key/)
  }
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
  // Nothing changed since, so only the signal can make it read and complain again.
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
