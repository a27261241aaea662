import { readFileSync } from 'node:fs'
import t from 'tap'
import { DEMO_KEYS, sha256Hex } from '../src/credentials/callers.ts'
import { ConfigError, loadConfig } from '../src/config.ts'

const CANARY = 'CANARY-0d1f'
const callersFile = (change: (file: ReturnType<typeof plain>) => unknown = () => undefined): string => {
  const file = plain()
  change(file)
  return JSON.stringify(file)
}
const plain = () => ({
  accounts: {
    acme: { role: 'provider', accountId: 'PA-400-500', apiKey: `ApiKey SU-400-500-600:${CANARY}` } as Record<
      string,
      unknown
    >
  } as Record<string, unknown>,
  callers: [
    {
      id: 'billing',
      account: 'acme',
      scopes: ['usage:read', 'usage:close'],
      keys: [{ id: '2026-11', sha256: sha256Hex('a key'), expiresAt: null as string | null }]
    }
  ]
})
const JWT = {
  issuer: 'https://idp.example',
  audience: 'connect-usage-bff',
  jwksUri: 'https://idp.example/jwks',
  accountClaim: 'connect_account',
  scopeClaim: 'scope'
}
const load = (env: Record<string, string>, text: string = callersFile()) =>
  loadConfig({ CALLERS_FILE: '/callers.json', ...env }, (path) => {
    if (path === '/callers.json') return text
    if (path === '/secret') return `SU-400-500-600:${CANARY}\n`
    throw Object.assign(new Error(`ENOENT: no such file, open '${path}'`), { code: 'ENOENT' })
  })
const faultsOf = (work: () => unknown): string[] => {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults]
    throw error
  }
  return []
}

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

t.test('a callers file is refused for', async (t) => {
  type File = ReturnType<typeof plain>
  const cases: [string, (file: File) => unknown][] = [
    [
      'a demo key of the sandbox',
      file => {
        file.callers[0]!.keys[0]!.sha256 = sha256Hex(DEMO_KEYS.vendor)
      }
    ],
    [
      'a scope of the other role',
      file => {
        file.callers[0]!.scopes = ['usage:write']
      }
    ],
    [
      'an unknown scope',
      file => {
        file.callers[0]!.scopes = ['usage:everything']
      }
    ],
    [
      'an account that is not there',
      file => {
        file.callers[0]!.account = 'nobody'
      }
    ],
    ['an unknown field', file => Object.assign(file.callers[0]!, { role: 'provider' })],
    ['one key for two callers', file => file.callers.push({ ...file.callers[0]!, id: 'other' })],
    [
      'one id for two callers',
      file => file.callers.push({ ...file.callers[0]!, keys: [{ id: 'k', sha256: sha256Hex('b'), expiresAt: null }] })
    ],
    [
      'a key that is not hashed',
      file => {
        file.callers[0]!.keys[0]!.sha256 = CANARY
      }
    ],
    [
      'an expiry that is no time',
      file => {
        file.callers[0]!.keys[0]!.expiresAt = 'soon'
      }
    ],
    [
      'a credential of another form',
      file => {
        file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKey: CANARY }
      }
    ],
    ['two credentials', file => Object.assign(file.accounts['acme']!, { apiKeyFile: '/secret' })],
    [
      'a credential file that is missing',
      file => {
        file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKeyFile: '/nowhere' }
      }
    ],
    [
      'a name of an account that is none',
      file => {
        file.accounts[`SU-400-500-600:${CANARY}`] = file.accounts['acme']
      }
    ],
    [
      'two keys of one name',
      file => file.callers[0]!.keys.push({ id: '2026-11', sha256: sha256Hex('b'), expiresAt: null })
    ],
    [
      'an expiry without a zone',
      file => {
        file.callers[0]!.keys[0]!.expiresAt = '2027-01-31T00:00:00'
      }
    ],
    [
      'an expiry that does not exist',
      file => {
        file.callers[0]!.keys[0]!.expiresAt = '2027-13-31'
      }
    ],
    [
      'an expiry on 30 February',
      file => {
        file.callers[0]!.keys[0]!.expiresAt = '2027-02-30T12:00:00Z'
      }
    ],
    [
      'an expiry at 24:00',
      file => {
        file.callers[0]!.keys[0]!.expiresAt = '2027-02-28T24:00:00Z'
      }
    ],
    [
      'an account that is no text',
      file => {
        file.callers[0]!.account = { toString: 1 } as never
      }
    ],
    [
      'a path that is no text',
      file => {
        file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKeyFile: { toString: 1 } }
      }
    ],
    [
      'the hash of the example file',
      file => {
        file.callers[0]!.keys[0]!.sha256 = '0'.repeat(64)
      }
    ],
    [
      'the hash of an empty key',
      file => {
        file.callers[0]!.keys[0]!.sha256 = sha256Hex('')
      }
    ],
    [
      'nobody',
      file => {
        file.callers = []
      }
    ],
    ['half the settings of tokens', file => Object.assign(file, { jwt: { issuer: 'https://idp.example' } })],
    [
      'keys of tokens that anybody could change on their way',
      file => Object.assign(file, { jwt: { ...JWT, jwksUri: 'http://idp.example/jwks' } })
    ],
    [
      'keys of tokens behind a password',
      file => Object.assign(file, { jwt: { ...JWT, jwksUri: `https://user:${CANARY}@idp.example/jwks` } })
    ],
    ['keys of tokens at no address', file => Object.assign(file, { jwt: { ...JWT, jwksUri: CANARY } })],
    ['an unknown setting of tokens', file => Object.assign(file, { jwt: { ...JWT, algorithms: ['none'] } })],
    ['an issuer that is no text', file => Object.assign(file, { jwt: { ...JWT, issuer: ['https://idp.example'] } })]
  ]
  for (const [name, change] of cases) {
    const faults = faultsOf(() => load({}, callersFile(change)))
    t.ok(faults.length >= 1, name)
    t.notMatch(faults.join(), CANARY, `${name}: no secret`)
    t.notMatch(faults.join(), /[\^\\$]|\[[^\d]/, `${name}: in words`)
  }
})

t.test('tokens may be used without partner keys, and key URLs need https except on this machine', async (t) => {
  for (const jwksUri of [
    'https://idp.example/jwks?p=1',
    'http://127.0.0.1:9/jwks',
    'http://localhost/jwks',
    'http://[::1]:9/jwks'
  ]) {
    const { accounts } = plain()
    const { entries, tokens } = load({}, JSON.stringify({ accounts, jwt: { ...JWT, jwksUri } })).callers.current()
    t.same(entries, [])
    t.match(tokens, { issuer: 'https://idp.example', jwksUri })
    t.equal(tokens?.accounts.get('acme'), tokens?.accounts.get('PA-400-500'))
  }
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

t.test('a callers file may begin with a byte order mark, and a fault in its JSON has its line', async (t) => {
  t.equal(load({}, `\ufeff${callersFile()}`).callers.current().entries[0]?.id, 'billing')
  const utf16 = Buffer.from(`\ufeff${callersFile()}`, 'utf16le').toString('utf8')
  t.same(faultsOf(() => load({}, utf16)), ['CALLERS_FILE: is not UTF-8 text (UTF-16?); save it as UTF-8'])
  const faults = faultsOf(() => load({}, `{\n  "accounts": {},\n  "callers": [ "${CANARY}" }\n}`))
  t.same(faults, ['CALLERS_FILE: is not JSON, see line 3'])
})

t.test('the address to listen on is a name or an IP address', async (t) => {
  for (const good of ['0.0.0.0', '::', '::1', 'localhost', 'fe80::1%eth0', 'bff-a.example.com']) {
    t.equal(load({ HOST: good }).host, good)
  }
  for (const bad of ['[::]', '[::1]:3000', 'http://localhost', 'a b', '127.0.0.1:3000', '-a']) {
    t.match(faultsOf(() => load({ HOST: bad })), [/^HOST: must be .* without brackets$/], bad)
  }
})

t.test('an impossible store URL is a fault of the settings, not an error of a library', async (t) => {
  for (const bad of [
    'data', 'file:', 'file:/', 'file://host/data', 'file:///a%2Fb', 'redis://', 'redis:///0', 'redis://host/abc',
    'redis://host/-1', 'redis://host/1/2', 'redis://%zz:p@host', `redis://:${CANARY}%@host`, 'redis://host:99999'
  ]) {
    const faults = faultsOf(() => load({ STORE_URL: bad }))
    t.match(faults, [/^STORE_URL: must be file: and a folder/], bad)
    t.notMatch(faults.join(), CANARY)
  }
  for (const good of [
    'file:./data', 'file:/var/lib/store', 'file:///var/lib/store', 'redis://host', 'rediss://u:p%40@host:6380/3'
  ]) t.equal(load({ STORE_URL: good }).storeUrl, good)
})

t.test('Connect over plain http is allowed on this machine only, unless the operator allows it', async (t) => {
  for (const good of [
    'http://127.0.0.1:4010/public/v1', 'http://localhost:4010', 'http://[::1]:1', 'http://127.9.9.9'
  ]) {
    t.same(load({ CONNECT_BASE_URL: good }).warnings, [], good)
  }
  for (const url of [
    'http://connect.example/public/v1', 'http://10.0.0.1', 'http://localhost.example', 'HTTP://sandbox:4010'
  ]) {
    t.match(
      faultsOf(() => load({ CONNECT_BASE_URL: url })),
      [/^CONNECT_BASE_URL: is plain http.*CONNECT_ALLOW_HTTP=true$/]
    )
    const { connectBaseUrl, warnings } = load({ CONNECT_BASE_URL: url, CONNECT_ALLOW_HTTP: 'true' })
    t.equal(connectBaseUrl, url)
    t.match(warnings, [/^CONNECT_BASE_URL: is plain http/])
  }
  t.match(faultsOf(() => load({ CONNECT_ALLOW_HTTP: 'yes' })), [/^CONNECT_ALLOW_HTTP: must be true or false$/])
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

t.test('a member that stands twice is a fault, and a name that may be a secret is not shown', (t) => {
  const twice = (member: string): string =>
    faultsOf(() => load({}, callersFile().replace(/("accounts"\s*:\s*\{)/, `$1${member}:{},${member}:{},`))).join('\n')
  t.match(twice('"acme"'), 'CALLERS_FILE: has accounts.acme twice')
  t.match(twice(`"SU-400-500-600:${CANARY}"`), 'CALLERS_FILE: has a member twice')
  t.notMatch(twice(`"SU-400-500-600:${CANARY}"`), CANARY)
  t.end()
})

t.test('a callers file that is not JSON is reported with its line', async (t) => {
  const secret = `"SU-400-500-600:${CANARY}"`
  const cases: [string, number][] = [
    ['', 1], ['\n\n', 3], ['{\n"a": 1,\n}', 3], ['{\n"a" 1}', 2], ['{\n"a": \'x\'}', 2],
    [`{\n"a":\n${secret}\n"b":1}`, 4],
    [`{"a": ${secret},\n\n"b": [1\n2]}`, 4], ['{"a": "x\ny"}', 1], ['{}\n{}', 2], ['{\n"a": 01}', 2],
    ['{\n"a": [1,\n]}', 3],
    ['{\n"a": "\\x"}', 2], ['[\n1}', 2], ['{\n// a comment\n}', 2], ['{"a":\nNaN}', 2], [`{"a": ${secret}\n`, 2]
  ]
  for (const [text, line] of cases) {
    t.throws(() => JSON.parse(text))
    t.same(faultsOf(() => load({}, text)), [`CALLERS_FILE: is not JSON, see line ${line}`], JSON.stringify(text))
  }
})

t.test('the callers file of the examples does not start the service', async (t) => {
  const faults = faultsOf(() => load({}, readFileSync('deploy/callers/callers.example.json', 'utf8')))
  t.equal(faults.length, 2)
  for (const fault of faults) {
    t.match(
      fault,
      /sha256: is the placeholder of the example file; npm run keys makes a key$/
    )
  }
})
