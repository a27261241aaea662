import t from 'tap'
import { loadConfig } from '../src/config.ts'
import { callersFile, CANARY, faultsOf, load } from './config-fixture.ts'

t.test('an environment with a callers file alone gives the documented defaults', async (t) => {
  const config = load({})
  t.match(config, {
    host: '127.0.0.1',
    port: 3000,
    publicUrl: null,
    logLevel: 'info',
    connectBaseUrl: 'https://api.connect.cloudblue.com/public/v1',
    connectTimeoutMs: 45_000,
    uploadMaxBytes: 104_857_600,
    uploadIdleTimeoutMs: 30_000,
    drainTimeoutMs: 25_000,
    trustProxy: [],
    rateLimitPerMinute: 600,
    metricsToken: null,
    otlpEndpoint: null
  })
  t.ok(config.storageHosts.includes('*.blob.core.windows.net'))
  t.equal(config.callers.current().entries[0]?.account.apiKey, `ApiKey SU-400-500-600:${CANARY}`)
  t.ok(Object.isFrozen(config))
})

t.test('all faults are reported at once, and no message holds a secret', async (t) => {
  const faults = faultsOf(() =>
    load(
      {
        PORT: '70000',
        LOG_LEVEL: 'loud',
        CONNECT_BASE_URL: `https://user:${CANARY}@connect`,
        UPLOAD_MAX_BYTES: '1e6',
        TRUST_PROXY: 'true',
        STORAGE_HOSTS: 'https://a.example/path',
        PUBLIC_URL: 'https://gateway.example/usage'
      },
      '{ not json'
    )
  )
  for (const name of [
    'PORT',
    'LOG_LEVEL',
    'CONNECT_BASE_URL',
    'UPLOAD_MAX_BYTES',
    'TRUST_PROXY',
    'STORAGE_HOSTS',
    'PUBLIC_URL',
    'CALLERS_FILE'
  ]) {
    t.ok(
      faults.some(fault => fault.startsWith(name)),
      name
    )
  }
  t.notMatch(faults.join(), CANARY)
})

t.test('the console is on unless it is turned off', async (t) => {
  t.match([load({}).hasConsole, load({ CONSOLE_ENABLED: 'false' }).hasConsole], [true, false])
  t.match(faultsOf(() => load({ CONSOLE_ENABLED: 'no' })), ['CONSOLE_ENABLED: must be true or false'])
})

t.test('the metrics token must fit into a header, and the collector must be a URL', async (t) => {
  for (const bad of ['short', `${CANARY} with spaces`, 'ü'.repeat(20), 'x'.repeat(257)]) {
    const faults = faultsOf(() => load({ METRICS_TOKEN: bad }))
    t.match(faults, [/^METRICS_TOKEN: must be 16 to 256/])
    t.notMatch(faults.join(), CANARY)
  }
  t.equal(load({ METRICS_TOKEN: 'x'.repeat(16) }).metricsToken, 'x'.repeat(16))
  for (const bad of ['collector:4318', `http://u:${CANARY}@collector:4318`]) {
    t.match(
      faultsOf(() => load({ OTEL_EXPORTER_OTLP_ENDPOINT: bad })),
      [/^OTEL_EXPORTER_OTLP_ENDPOINT: must be/],
      bad
    )
  }
  t.equal(load({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }).otlpEndpoint, 'http://collector:4318')
})

t.test('a whole number has no zero in front', async (t) => {
  t.match(faultsOf(() => load({ PORT: '010' })), [/^PORT: must be a whole number/])
  t.equal(load({ PORT: '0' }).port, 0)
})

t.test('trusted proxies are addresses or ranges, not numbers or true', async (t) => {
  for (const bad of ['1', 'true', '0.0.0.0/0', '::/0', '10.0.0.0/33', '::1/129', '10.0.0/8', 'proxy.local']) {
    t.equal(faultsOf(() => load({ TRUST_PROXY: bad })).length, 1, bad)
  }
  t.same(load({ TRUST_PROXY: '10.0.0.0/8, ::1' }).trustProxy, ['10.0.0.0/8', '::1'])
})

t.test('origins are exact, without a wildcard, a path, or parts that a browser does not send', async (t) => {
  for (const bad of [
    '*',
    'null',
    'portal.example.com',
    'https://*.example.com',
    'https://portal.example.com/',
    'https://portal.example.com/app',
    'https://PORTAL.example.com',
    'https://portal.example.com:443',
    'https://user@portal.example.com',
    'ftp://portal.example.com',
    'https://a.example.com https://b.example.com',
    'https://a.example.com,*',
    ' ,'
  ]) { t.equal(faultsOf(() => load({ CORS_ORIGINS: bad })).length, 1, bad) }
  t.same(load({}).corsOrigins, [])
  t.same(load({ CORS_ORIGINS: 'https://portal.example.com, http://localhost:5173' }).corsOrigins, [
    'https://portal.example.com',
    'http://localhost:5173'
  ])
})

t.test('storage hosts are names, suffixes or full origins', async (t) => {
  for (const bad of [
    '*', 'localhost', 'http://127.0.0.1:4010/', '*.', 'a.b/c', '-a.b.com', 'a-.b.com', 'a.-b', '*.com', 'a..b', '.a.b',
    'a_b.com', 'ä.com', 'http://*.a.com'
  ]) {
    t.equal(faultsOf(() => load({ STORAGE_HOSTS: bad })).length, 1, bad)
  }
  t.same(load({ STORAGE_HOSTS: 'a.example.com,*.blob.example.com,http://127.0.0.1:4010' }).storageHosts, [
    'a.example.com',
    '*.blob.example.com',
    'http://127.0.0.1:4010'
  ])
})

t.test('a credential may be in a file, with or without its scheme', async (t) => {
  const config = load(
    {},
    callersFile(file => {
      file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKeyFile: '/secret' }
    })
  )
  t.equal(config.callers.current().entries[0]?.account.apiKey, `ApiKey SU-400-500-600:${CANARY}`)
})

t.test('a variable whose name is nearly right causes a warning', async (t) => {
  for (const [near, meant] of Object.entries({
    CORS_ORIGIN: 'CORS_ORIGINS', UPLOAD_MAX_BYTE: 'UPLOAD_MAX_BYTES', UPLOAD_MAX_SIZE_BYTES: '',
    RATE_LIMIT: 'RATE_LIMIT_PER_MINUTE',
    CONNECT_URL: 'CONNECT_BASE_URL', STORE_URI: 'STORE_URL', callers_file: 'CALLERS_FILE', LOGLEVEL: 'LOG_LEVEL',
    METRICS_TOKEN_FILE: 'METRICS_TOKEN', DRAIN_TIMEOUT: 'DRAIN_TIMEOUT_MS', TRUSTED_PROXY: 'TRUST_PROXY',
    UPLOAD_TIMEOUT_MS: 'UPLOAD_IDLE_TIMEOUT_MS'
  })) {
    const { warnings } = load({ [near]: CANARY })
    t.match(warnings, meant === '' ? [] : [`${near} is set, but is not read. Did you mean ${meant}?`], near)
    t.notMatch(warnings.join(), CANARY)
  }
  const usual = {
    HOME: '/', PATH: '/', POST: '1', HOSTNAME: 'a', NODE_ENV: 'production', TMPDIR: '/tmp', LOGNAME: 'a', SSH_TTY: 'a',
    OTEL_SERVICE_NAME: 'a', OTEL_EXPORTER_OTLP_HEADERS: 'a', KUBERNETES_PORT: 'a',
    npm_config_cache: 'a', SANDBOX_PORT: '1'
  }
  t.same(load({ ...usual, CORS_ORIGINS: 'https://a.example' }).warnings, [])
})

t.test('a file that cannot be read is reported with its path and the reason, and without a secret', async (t) => {
  const read = (code: string) => (path: string): string => {
    throw Object.assign(new Error(`${code}: open '${path}'`), { code })
  }
  for (const [code, reason] of Object.entries({
    ENOENT: /no such file/, EACCES: /may not read/, EISDIR: /is a folder/
  })) {
    const faults = faultsOf(() => loadConfig({ CALLERS_FILE: '/run/callers.json' }, read(code)))
    t.match(faults, [new RegExp(`^CALLERS_FILE: /run/callers\\.json cannot be read: .*\\(${code}\\)$`)])
    t.match(faults, [reason])
  }
  t.notMatch(faultsOf(() => loadConfig({ CALLERS_FILE: `SU-400-500-600:${CANARY}` }, read('ENOENT'))).join(), CANARY)
  const withPath = (apiKeyFile: unknown) => callersFile(file => {
    file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKeyFile }
  })
  t.match(
    faultsOf(() => load({}, withPath('/nowhere'))),
    [/^CALLERS_FILE accounts\.acme\.apiKeyFile: \/nowhere cannot be read: there is no such file \(ENOENT\)$/]
  )
  t.notMatch(faultsOf(() => load({}, withPath(`SU-400-500-600:${CANARY}`))).join(), CANARY)
})
