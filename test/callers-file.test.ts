import { readFileSync } from 'node:fs'
import t from 'tap'
import { DEMO_KEYS, sha256Hex } from '../src/credentials/callers.ts'
import { callersFile, CANARY, faultsOf, load, plain } from './config-fixture.ts'

const JWT = {
  issuer: 'https://idp.example',
  audience: 'connect-usage-bff',
  jwksUri: 'https://idp.example/jwks',
  accountClaim: 'connect_account',
  scopeClaim: 'scope'
}

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
      'a name that no account may have',
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
    ...[`${CANARY}`, `${CANARY.padEnd(40, 'x')} `, CANARY.padEnd(101, 'x'), { toString: CANARY.padEnd(40, 'x') }].map(
      (webhookSecret): typeof cases[number] =>
        ['a secret of a webhook of another form', file => Object.assign(file.accounts['acme']!, { webhookSecret })]
    ),
    ['an issuer that is no text', file => Object.assign(file, { jwt: { ...JWT, issuer: ['https://idp.example'] } })]
  ]
  for (const [name, change] of cases) {
    const faults = faultsOf(() => load({}, callersFile(change)))
    t.ok(faults.length >= 1, name)
    t.notMatch(faults.join(), CANARY, `${name}: no secret`)
    t.notMatch(faults.join(), /[\^\\$]|\[[^\d]/, `${name}: in words`)
  }
})

t.test('the secret of a webhook is kept apart from its account', async (t) => {
  const webhookSecret = CANARY.padEnd(40, 'x')
  const text = callersFile(file => { Object.assign(file.accounts['acme']!, { webhookSecret }) })
  const { entries, webhookSecrets } = load({}, text).callers.current()
  t.same([...webhookSecrets ?? []], [['acme', webhookSecret]])
  t.notMatch(JSON.stringify(entries), webhookSecret)
  t.equal(load({}, callersFile()).callers.current().webhookSecrets?.size, 0)
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

t.test('what an operator mixes up in the callers file is a fault', async (t) => {
  const other = { role: 'vendor', accountId: 'VA-100-200', apiKey: `SU-111-222-333:${CANARY}` }
  const faultsWith = (change: (file: ReturnType<typeof plain>) => unknown): string[] =>
    faultsOf(() => load({}, callersFile(change)))
  t.same(faultsWith(file => { file.accounts['other'] = other }), [])
  t.same(faultsWith(file => { file.accounts['other'] = { ...other, accountId: 'PA-400-500' } }),
    ['CALLERS_FILE accounts.other.accountId: must begin with VA- for the role vendor'])
  t.same(faultsWith(file => { file.accounts['other'] = { ...other, apiKey: `SU-400-500-600:${CANARY}` } }), [
    'CALLERS_FILE accounts.acme: has the token of VA-100-200, too',
    'CALLERS_FILE accounts.other: has the token of PA-400-500, too'
  ], 'one token cannot be of two accounts')
  const asFile = { role: 'vendor', accountId: 'VA-100-200', apiKeyFile: '/callers.json' }
  t.match(faultsWith(file => { file.accounts['other'] = asFile }),
    [/^CALLERS_FILE accounts\.other\.apiKeyFile \(its content\): must be a Connect token/])
  const hash = sha256Hex('\n')
  t.match(faultsWith(file => { file.callers[0]!.keys[0]!.sha256 = hash }), [/is the hash of an empty text/])
})

t.test('a callers file may begin with a byte order mark, and a fault in its JSON has its line', async (t) => {
  t.equal(load({}, `\ufeff${callersFile()}`).callers.current().entries[0]?.id, 'billing')
  const utf16 = Buffer.from(`\ufeff${callersFile()}`, 'utf16le').toString('utf8')
  t.same(faultsOf(() => load({}, utf16)), ['CALLERS_FILE: is not UTF-8 text (UTF-16?); save it as UTF-8'])
  const faults = faultsOf(() => load({}, `{\n  "accounts": {},\n  "callers": [ "${CANARY}" }\n}`))
  t.same(faults, ['CALLERS_FILE: is not JSON, see line 3'])
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
