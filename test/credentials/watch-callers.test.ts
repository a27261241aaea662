import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { callersOfFile } from '../../src/credentials/callers-source.ts'
import { findByKey } from '../../src/credentials/partner-keys.ts'
import { watchCallers } from '../../src/credentials/watch-callers.ts'
import { until } from '../helper.ts'

/** What a change may take to be seen. */
const SEEN_MS = 5_000

function fileOf (home: string, key: string): string {
  return JSON.stringify({
    accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKeyFile: join(home, 'token') } },
    callers: [
      {
        id: 'billing',
        account: 'acme',
        scopes: ['usage:read'],
        keys: [{ id: 'k', sha256: sha256Hex(key), expiresAt: null }]
      }
    ]
  })
}

function homeOf (t: Test): string {
  const home = mkdtempSync(join(tmpdir(), 'callers-'))
  t.teardown(() => { rmSync(home, { recursive: true, force: true }) })
  return home
}

/** Puts files as Kubernetes mounts them: names lead to `..data`, which leads to a folder and is swapped as a whole. */
function mountIn (home: string): (files: Record<string, string>) => void {
  let version = 0
  return (files) => {
    version += 1
    mkdirSync(join(home, `..${version}`))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(home, `..${version}`, name), text)
    symlinkSync(`..${version}`, join(home, '..data_tmp'))
    renameSync(join(home, '..data_tmp'), join(home, '..data'))
    if (version === 1) for (const name of Object.keys(files)) symlinkSync(join('..data', name), join(home, name))
    else rmSync(join(home, `..${version - 1}`), { recursive: true })
  }
}

function watched (t: Test, home: string) {
  const { source, faults } = callersOfFile(join(home, 'callers.json'), path => readFileSync(path, 'utf8'))
  t.same(faults, [])
  const lines: { level: string, message: string, faults?: readonly string[] }[] = []
  const line =
    (level: string) =>
      (fields: object, message: string): void => {
        lines.push({ ...fields, level, message })
      }
  const watch = watchCallers(source, { info: line('info'), error: line('error') })
  t.teardown(watch.stop)
  return { source, lines, watch, knows: (key: string) => findByKey(source.current(), key) !== null }
}

t.test('a mounted secret that is replaced is read, for the callers and for a credential', async (t) => {
  const home = homeOf(t)
  const put = mountIn(home)
  put({ 'callers.json': fileOf(home, 'first'), token: 'SU-400-500-600:first' })
  const { source, knows, lines } = watched(t, home)
  t.ok(knows('first'))
  put({ 'callers.json': fileOf(home, 'second'), token: 'SU-400-500-600:first' })
  await until(() => knows('second'), 'the new key', SEEN_MS)
  t.notOk(knows('first'))
  put({ 'callers.json': fileOf(home, 'second'), token: 'SU-400-500-600:second' })
  await until(
    () => source.current().entries[0]?.account.apiKey.endsWith('second') === true,
    'the new credential',
    SEEN_MS
  )
  put({ 'callers.json': '{', token: 'SU-400-500-600:second' })
  await until(() => lines.some(({ level }) => level === 'error'), 'the complaint', SEEN_MS)
  t.match(lines.at(-1), { faults: ['CALLERS_FILE: is not JSON'] })
  t.ok(knows('second'))
  put({ 'callers.json': fileOf(home, 'third'), token: 'SU-400-500-600:second' })
  await until(() => knows('third'), 'the mended file', SEEN_MS)
  t.match(lines.filter(({ level }) => level === 'info').at(-1), { message: 'callers reloaded', callers: 1, keys: 1 })
})

t.test('a file that is overwritten or replaced is read, also when it changed before the first check', async (t) => {
  const home = homeOf(t)
  const path = join(home, 'callers.json')
  writeFileSync(join(home, 'token'), 'SU-400-500-600:x')
  writeFileSync(path, fileOf(home, 'key-1'))
  const { knows } = watched(t, home)
  writeFileSync(path, fileOf(home, 'key-2'))
  await until(() => knows('key-2'), 'the change before the first look', SEEN_MS)
  writeFileSync(path, fileOf(home, 'key-3'))
  await until(() => knows('key-3'), 'the change in place', SEEN_MS)
  writeFileSync(`${path}.new`, fileOf(home, 'key-4'))
  renameSync(`${path}.new`, path)
  await until(() => knows('key-4'), 'the replaced file', SEEN_MS)
})

t.test('reload reads the file at once, and reports a fault each time', async (t) => {
  const home = homeOf(t)
  const path = join(home, 'callers.json')
  writeFileSync(join(home, 'token'), 'SU-400-500-600:x')
  writeFileSync(path, fileOf(home, 'key-1'))
  const { knows, lines, watch } = watched(t, home)
  watch.stop()
  writeFileSync(path, fileOf(home, 'key-2'))
  watch.reload()
  t.ok(knows('key-2'))
  writeFileSync(path, '')
  watch.reload()
  watch.reload()
  t.same(lines.map(({ level }) => level), ['info', 'error', 'error'])
})

t.test('no content of a file makes a reload throw', async (t) => {
  const home = homeOf(t)
  const path = join(home, 'callers.json')
  writeFileSync(join(home, 'token'), 'SU-400-500-600:secret')
  writeFileSync(path, fileOf(home, 'one'))
  const { lines, watch, knows } = watched(t, home)
  const odd = { toString: 1 }
  const good = JSON.parse(fileOf(home, 'one')) as Record<string, any>
  const texts = [
    '[]', 'null', '7', '"', '['.repeat(100_000), '{"accounts":{"__proto__":null},"callers":[null]}',
    ...[odd, null, [odd], 'x'.repeat(1_000_000)].flatMap(value => [
      { ...good, accounts: value }, { ...good, callers: value }, { ...good, callers: [value] }, { ...good, jwt: value },
      ...['role', 'accountId', 'apiKey', 'apiKeyFile'].map(name =>
        ({ ...good, accounts: { acme: { ...good['accounts'].acme, [name]: value } } })),
      ...['id', 'account', 'scopes', 'keys'].map(name =>
        ({ ...good, callers: [{ ...good['callers'][0], [name]: value }] })),
      ...['id', 'sha256', 'expiresAt'].map(name =>
        ({ ...good, callers: [{ ...good['callers'][0], keys: [{ ...good['callers'][0].keys[0], [name]: value }] }] })),
      ...['issuer', 'audience', 'jwksUri', 'accountClaim', 'scopeClaim'].map(name =>
        ({ ...good, jwt: { [name]: value } }))
    ]).map(file => JSON.stringify(file))
  ]
  for (const text of texts) {
    writeFileSync(path, text)
    t.doesNotThrow(() => { watch.reload() }, text.slice(0, 100))
  }
  t.ok(knows('one'))
  t.notOk(lines.some(({ message }) => message.includes('the reading failed')), 'each was refused with its faults')
})

t.test('an internal error in a reload is logged without its message, and the callers stay', async (t) => {
  const lines: string[] = []
  const log = {
    info: () => {},
    error: (fields: object, message: string) => { lines.push(JSON.stringify(fields) + message) }
  }
  const watch = watchCallers({
    current: () => ({ entries: [] }), paths: () => [], reload: () => { throw new RangeError('SU-1:secret') }
  }, log)
  t.teardown(watch.stop)
  watch.reload()
  t.same(lines, ['{"reason":"RangeError"}the callers do not change: the reading failed'])
})
