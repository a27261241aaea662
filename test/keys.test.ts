import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32 } from 'node:zlib'
import t, { type Test } from 'tap'
import { sha256Hex } from '../src/credentials/callers.ts'
import { loadConfig } from '../src/config.ts'
import { editFile } from '../src/credentials/edit-file.ts'
import { serve } from '../src/serve.ts'
import { makeFolder, startUpstream, until } from './helper.ts'
import { withoutTestHooks } from './smoke/processes.ts'

const PROGRAM = fileURLToPath(new URL('../src/keys.js', import.meta.url))
const SECRET = 'SU-400-500-600:CANARY-91'
const START = {
  accounts: {
    acme: { role: 'provider', accountId: 'PA-400-500', apiKey: SECRET },
    far: { role: 'vendor', accountId: 'VA-100-200', apiKeyFile: '/only/the/service/can/read/this' }
  },
  callers: [
    {
      id: 'billing',
      account: 'acme',
      scopes: ['usage:read'],
      keys: [{ id: 'old', sha256: sha256Hex('old key'), expiresAt: '2020-01-01T00:00:00Z' }]
    }
  ]
}

interface File {
  callers: {
    id: string
    account: string
    scopes: string[]
    keys: { id: string; sha256: string; expiresAt: string | null }[]
  }[]
}
interface Outcome { code: number, out: string, err: string }

function stage (t: Test, file: unknown = START) {
  const home = mkdtempSync(join(tmpdir(), 'keys-'))
  t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
  const path = join(home, 'callers.json')
  writeFileSync(path, typeof file === 'string' ? file : JSON.stringify(file), { mode: 0o640 })
  chmodSync(path, 0o640)
  // The service often runs as somebody else than who edits the file.
  if (process.getuid?.() === 0) chownSync(path, 1234, 1234)
  const keys = async (...args: string[]): Promise<Outcome> => await new Promise((resolve) => {
    execFile(
      ...withoutTestHooks(process.execPath, [PROGRAM, ...args]),
      { env: { PATH: process.env['PATH'] ?? '', CALLERS_FILE: path } },
      (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err })
      }
    )
  })
  return {
    home,
    path,
    keys,
    text: () => readFileSync(path, 'utf8'),
    read: () => JSON.parse(readFileSync(path, 'utf8')) as File & Record<string, unknown>
  }
}

t.test('create prints a key once, and the file holds only its hash', async (t) => {
  const { keys, read, text, path, home } = stage(t)
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
  const { keys, read, text } = stage(t, { accounts: START.accounts })
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

t.test('list shows the keys of each caller, and no secret', async (t) => {
  const { keys } = stage(t, {
    ...START,
    callers: [...START.callers, { id: 'idle', account: 'far', scopes: ['usage:read'], keys: [] }]
  })
  const { out: key } = await keys('create', '--caller', 'billing')
  const { code, out } = await keys('list')
  t.equal(code, 0)
  const lines = out.trimEnd().split('\n').map(line => line.split(/ {2,}/))
  t.match(lines, [
    ['CALLER', 'ACCOUNT', 'ROLE', 'SCOPES', 'KEY', 'EXPIRES', 'STATE', 'SHA-256'],
    [
      'billing',
      'acme',
      'provider',
      'usage:read',
      'old',
      '2020-01-01T00:00:00.000Z',
      'expired',
      `${sha256Hex('old key').slice(0, 8)}…`
    ],
    [
      'billing',
      'acme',
      'provider',
      'usage:read',
      /^\d{4}/,
      'never',
      'live',
      `${sha256Hex(key.trimEnd()).slice(0, 8)}…`
    ],
    ['idle', 'far', 'vendor', 'usage:read', '-', '-', 'no key', '-']
  ])
  t.equal(lines.length, 4)
  t.notMatch(out, /CANARY|[0-9a-f]{10}/)
})

t.test('revoke removes one key, and the caller stays when it was the last key', async (t) => {
  const { keys, read } = stage(t)
  await keys('create', '--caller', 'billing')
  const made = read().callers[0]!.keys[1]!.id
  for (const [args, said] of [
    [['--caller', 'nobody', '--key', 'old'], /no caller nobody/],
    [['--caller', 'billing', '--key', 'other'], /no key other; it has old, /]
  ] as const) { t.match(await keys('revoke', ...args), { code: 1, err: said }) }
  t.match(await keys('revoke', '--caller', 'billing', '--key', 'old'), { code: 0, out: '' })
  t.same(read().callers[0]!.keys.map(({ id }) => id), [made])
  t.match(await keys('revoke', '--caller', 'billing', '--key', made), { code: 0 })
  t.same(read().callers.map(({ id, keys }) => [id, keys]), [['billing', []]])
  t.match(await keys('list'), { code: 0, out: /no key/ })
})

t.test('simultaneous edits lose nothing', async (t) => {
  const { keys, read, home } = stage(t)
  const outcomes = await Promise.all(
    Array.from({ length: 8 }, async (_, i) =>
      i === 0
        ? await keys('revoke', '--caller', 'billing', '--key', 'old')
        : await keys('create', '--caller', 'billing')
    )
  )
  t.same(outcomes.map(({ code }) => code), Array(8).fill(0))
  const made = outcomes.slice(1).map(({ out }) => sha256Hex(out.trimEnd())).sort()
  t.same(read().callers[0]!.keys.map(({ sha256 }) => sha256).sort(), made)
  t.same(readdirSync(home), ['callers.json'])
})

t.test('a file with faults, or that another edit holds, is not changed', async (t) => {
  for (const bad of ['{', 'null', '[]', '{"accounts":{},"callers":7}', JSON.stringify({ ...START, more: 1 })]) {
    const { keys, text } = stage(t, bad)
    const outcome = await keys('create', '--caller', 'billing')
    t.match(outcome, { code: 1, out: '' }, bad)
    t.notMatch(outcome.err, /CANARY|\bat .*\.js/)
    t.equal(text(), bad)
  }
  const { path, text } = stage(t)
  const before = text()
  writeFileSync(`${path}.lock`, '')
  await t.rejects(
    editFile(path, () => ({ text: 'x', result: null }), 100),
    /another edit is running.*callers\.json\.lock/
  )
  t.equal(text(), before)
  t.ok(existsSync(`${path}.lock`), 'a lock of somebody else stays')
  rmSync(`${path}.lock`)
  await t.rejects(editFile(path, () => { throw new Error('no') }), /no/)
  t.notOk(existsSync(`${path}.lock`))
})

t.test('create makes the file when there is none, with its first account', async (t) => {
  const { path, keys, read } = stage(t)
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

t.test('a symbolic link stays a symbolic link', async (t) => {
  const { path, home, keys } = stage(t)
  const link = join(home, 'link.json')
  symlinkSync('callers.json', link)
  await editFile(link, text => ({ text: text!.replace('billing', 'renamed'), result: null }))
  t.equal(readlinkSync(link), 'callers.json')
  t.match(readFileSync(path, 'utf8'), 'renamed')
  t.match(await keys('list'), { out: /renamed/ })
})

t.test('wrong arguments print the usage', async (t) => {
  const { keys } = stage(t)
  for (const args of [
    [],
    ['destroy'],
    ['toString'],
    ['create'],
    ['revoke', '--caller', 'billing'],
    ['list', '--caller', 'billing'],
    ['create', '--caller', 'billing', '--force']
  ]) {
    t.match(await keys(...args), { code: 2, out: '', err: /CALLERS_FILE=<path> npm run -s keys/ }, args.join(' '))
  }
})

t.test('a running service accepts a new key and refuses a revoked key within five seconds', async (t) => {
  const { path, keys, read } = stage(t, { accounts: { acme: START.accounts.acme }, callers: START.callers })
  const { baseUrl } = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/0' }).end('[]')
  })
  const config = loadConfig(
    {
      PORT: '0',
      LOG_LEVEL: 'silent',
      CALLERS_FILE: path,
      CONNECT_BASE_URL: baseUrl,
      STORE_URL: `file:${makeFolder(t)}`,
      RATE_LIMIT_PER_MINUTE: '1000000'
    },
    one => readFileSync(one, 'utf8')
  )
  const { address, stop } = await serve(config)
  t.teardown(stop)
  const { out } = await keys('create', '--caller', 'billing')
  const status = async (): Promise<number> =>
    (await fetch(`${address}/v1/usage-files?limit=1`, { headers: { 'x-api-key': out.trimEnd(), connection: 'close' } }))
      .status
  await until(async () => await status() === 200, 'the new key', 5_000)
  t.match(await keys('revoke', '--caller', 'billing', '--key', read().callers[0]!.keys[1]!.id), { code: 0 })
  await until(async () => await status() === 401, 'the revocation', 5_000)
})
