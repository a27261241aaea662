import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { sha256Hex } from '../src/credentials/callers.ts'
import { loadConfig } from '../src/config.ts'
import { editFile } from '../src/credentials/edit-file.ts'
import { serve } from '../src/serve.ts'
import { makeFolder, startUpstream, until } from './helper.ts'
import { START, startFixture } from './keys-fixture.ts'

t.test('list shows the keys of each caller, and no secret', async (t) => {
  const { keys } = startFixture(t, {
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
  const { keys, read } = startFixture(t)
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
  const { keys, read, home } = startFixture(t)
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
    const { keys, text } = startFixture(t, bad)
    const outcome = await keys('create', '--caller', 'billing')
    t.match(outcome, { code: 1, out: '' }, bad)
    t.notMatch(outcome.err, /CANARY|\bat .*\.js/)
    t.equal(text(), bad)
  }
  const { path, text } = startFixture(t)
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

t.test('a symbolic link stays a symbolic link', async (t) => {
  const { path, home, keys } = startFixture(t)
  const link = join(home, 'link.json')
  symlinkSync('callers.json', link)
  await editFile(link, text => ({ text: text!.replace('billing', 'renamed'), result: null }))
  t.equal(readlinkSync(link), 'callers.json')
  t.match(readFileSync(path, 'utf8'), 'renamed')
  t.match(await keys('list'), { out: /renamed/ })
})

t.test('wrong arguments print the usage', async (t) => {
  const { keys } = startFixture(t)
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
  const { path, keys, read } = startFixture(t, { accounts: { acme: START.accounts.acme }, callers: START.callers })
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
