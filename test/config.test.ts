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
    throw new Error('no such file')
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

t.test('every fault is told at once and none quotes a secret', async (t) => {
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

t.test('the token of the metrics can be sent in a header, and the collector is an address', async (t) => {
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

t.test('proxies are trusted by address or range only: numbers and true would trust nobody or everybody', async (t) => {
  for (const bad of ['1', 'true', '0.0.0.0/0', '::/0', '10.0.0.0/33', '::1/129', '10.0.0/8', 'proxy.local']) {
    t.equal(faultsOf(() => load({ TRUST_PROXY: bad })).length, 1, bad)
  }
  t.same(load({ TRUST_PROXY: '10.0.0.0/8, ::1' }).trustProxy, ['10.0.0.0/8', '::1'])
})

t.test('origins of pages are exact: no wildcard, no path, nothing a browser would not send', async (t) => {
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
  for (const bad of ['*', 'localhost', 'http://127.0.0.1:4010/', '*.', 'a.b/c']) {
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

t.test('tokens may let in without any partner key, their keys from https or from this machine', async (t) => {
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

t.test('a credential may lie in a file, with or without its scheme', async (t) => {
  const config = load(
    {},
    callersFile(file => {
      file.accounts['acme'] = { role: 'provider', accountId: 'PA-400-500', apiKeyFile: '/secret' }
    })
  )
  t.equal(config.callers.current().entries[0]?.account.apiKey, `ApiKey SU-400-500-600:${CANARY}`)
})

t.test('a callers file may begin with a byte order mark, and one that is not JSON is told its line', async (t) => {
  t.equal(load({}, `\ufeff${callersFile()}`).callers.current().entries[0]?.id, 'billing')
  const faults = faultsOf(() => load({}, `{\n  "accounts": {},\n  "callers": [ "${CANARY}" }\n}`))
  t.same(faults, ['CALLERS_FILE: is not JSON, see line 3'])
})
