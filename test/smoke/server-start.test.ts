import { once } from 'node:events'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { DEMO_KEYS } from '../../src/credentials/callers.ts'
import { makeFolder } from '../helper.ts'
import { freePorts, start } from './processes.ts'
import { beginServer, callersFile, fetchText, home, PARTNER_KEY, run, serverOf } from './server-fixture.ts'

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
  const imported = [...program.matchAll(/(?<=^|[;}])import(?:[\w$*{}, ]*from)?"([^"]+)"/gm)].map(([, name]) => name)
  t.ok(imported.includes('node:http'), 'the imports were found')
  for (const name of ['lmdb', 'yaml', '@opentelemetry/api', '@opentelemetry/sdk-trace']) {
    t.ok(program.includes(`import("${name}")`), name)
    t.notOk(imported.includes(name), name)
    t.notOk(new RegExp(`(?<!__)require\\("${name}"\\)`).test(program), name)
  }
})

t.test('the bundle needs only the packages outside it, and tracing needs its own', async (t) => {
  // This folder is outside `home`, where Node.js would find the packages of the folder above.
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
      /^The service cannot listen at port \d+ of 127\S+ \(HOST, PORT\): another process listens there \(EADDRINUSE\)\.$/
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
