import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { sha256Hex } from '../src/credentials/callers.ts'
import { loadConfig } from '../src/config.ts'
import { SECRET, START, startFixture } from './keys-fixture.ts'

t.test('create prints a key once, and the file holds only its hash', async (t) => {
  const { keys, read, text, path, home } = startFixture(t)
  const { mode, uid, gid } = statSync(path)
  const { code, out, err } = await keys('create', '--caller', 'billing', '--expires', '90d')
  t.equal(code, 0, err)
  const key = out.trimEnd()
  t.match(key, /^ubff_[\w-]{43}_[0-9a-f]{8}$/)
  t.equal(crc32(key.slice(0, -9)), parseInt(key.slice(-8), 16))
  t.notOk(err.includes(key))
  const [old, made] = read().callers[0]!.keys
  t.same(old, START.callers[0]!.keys[0])
  t.match(made, { id: /^\d{4}-\d\d-\d\d$/, sha256: sha256Hex(key) })
  const days = (Date.parse(made?.expiresAt ?? '') - Date.now()) / 86_400_000
  t.ok(days > 89.9 && days <= 90, `${days} days`)
  t.notOk(text().includes(key))
  t.same(read()['accounts'], START.accounts, 'the rest is as it was')
  t.match(statSync(path), { mode, uid, gid }, 'mode and owner too')
  t.same(readdirSync(home), ['callers.json'], 'nothing is left behind')
  t.match((await keys('create', '--caller', 'billing', '--expires', '2999-01-31')).code, 0)
  t.match(read().callers[0]!.keys[2], { id: `${made!.id}.2`, expiresAt: '2999-01-31T00:00:00.000Z' })
})

t.test('a new caller needs an account and scopes, and an existing caller takes none', async (t) => {
  const { keys, read, text } = startFixture(t, { accounts: START.accounts })
  const before = text()
  for (const [args, said] of [
    [['--caller', 'reports'], /--account and --scopes/],
    [['--caller', 'reports', '--account', 'acme'], /--account and --scopes/],
    [['--caller', 'reports', '--account', 'nobody', '--scopes', 'usage:read'], /there is no account nobody yet/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', 'usage:write'], /not for the role provider/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', ''], /unknown scope/],
    [['--caller', 'bad name', '--account', 'acme', '--scopes', 'usage:read'], /letters, digits/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', 'usage:read', '--expires', '2020-01-01'], /in the past/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', 'usage:read', '--expires', 'soon'], /90d/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', 'usage:read', '--expires', '2999-06-31'], /90d/],
    [['--caller', 'reports', '--account', 'acme', '--scopes', 'usage:read', '--expires', '2999-01-31T00:00:00'], /zone/]
  ] as const) {
    const { code, out, err } = await keys('create', ...args)
    t.equal(code, 1, args.join(' '))
    t.equal(out, '')
    t.match(err, said)
    t.notMatch(err, /CANARY|\bat .*\.js/)
    t.equal(text(), before, 'nothing was written')
  }
  t.match(await keys('create', '--caller', 'reports', '--account', 'far', '--scopes', 'usage:read,usage:write'), {
    code: 0
  })
  t.match(read().callers, [
    { id: 'reports', account: 'far', scopes: ['usage:read', 'usage:write'], keys: [{ expiresAt: null }] }
  ])
  t.match(await keys('create', '--caller', 'reports', '--account', 'acme', '--scopes', 'usage:read'), {
    code: 1,
    err: /exists/
  })
})

t.test('create makes the file when there is none, with its first account', async (t) => {
  const { path, keys, read } = startFixture(t)
  rmSync(path)
  t.match(await keys('list'), { code: 1, err: /ENOENT/ })
  t.match(await keys('revoke', '--caller', 'billing', '--key', 'k'), { code: 1, err: /there is no file/ })
  const caller = ['create', '--caller', 'billing', '--account', 'acme', '--scopes', 'usage:read,usage:close']
  t.match(
    await keys(...caller),
    { code: 1, err: /no account acme yet: --role, --account-id and --api-key-file create it/ }
  )
  t.match(await keys(...caller, '--role', 'provider'), { code: 2, err: /are given together/ })
  const account = ['--account-id', 'PA-400-500', '--api-key-file', '/run/secrets/token']
  t.match(await keys(...caller, '--role', 'boss', ...account), { code: 1, err: /role: must be vendor or provider/ })
  t.notOk(existsSync(path), 'nothing is written before it is whole')
  const { code, out, err } = await keys(...caller, '--role', 'provider', ...account)
  t.equal(code, 0, err)
  t.match(err, `${path} is new. The service reads the Connect token from /run/secrets/token.`)
  t.equal(statSync(path).mode & 0o7777, 0o640)
  t.match(read(), {
    accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKeyFile: '/run/secrets/token' } },
    callers: [{ id: 'billing', account: 'acme', scopes: ['usage:read', 'usage:close'] }]
  })
  t.equal(read().callers[0]!.keys[0]!.sha256, sha256Hex(out.trimEnd()))
  const config = loadConfig({ CALLERS_FILE: path }, one => one === path ? readFileSync(path, 'utf8') : SECRET)
  t.equal(config.callers.current().entries[0]!.account.apiKey, `ApiKey ${SECRET}`, 'the service starts with it')
  const other = ['create', '--caller', 'other', '--account', 'acme', '--scopes', 'usage:read', '--role', 'provider']
  t.match(await keys(...other, ...account), { code: 1, err: /the account acme exists/ })
})
