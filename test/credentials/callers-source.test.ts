import t from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { callersOfFile } from '../../src/credentials/callers-source.ts'
import { findByKey } from '../../src/credentials/partner-keys.ts'

const PATH = '/callers.json'
const SECRET = 'CANARY-77'

interface Key { id: string, sha256: string, expiresAt?: string | null }
const hashed = (...keys: string[]): Key[] =>
  keys.map((key, i) => ({ id: `k${i}`, sha256: sha256Hex(key), expiresAt: null }))
const fileOf = (keys: Key[], account: object = { apiKey: `SU-400-500-600:${SECRET}` }): string => JSON.stringify({
  accounts: { acme: { role: 'provider', accountId: 'PA-400-500', ...account } },
  callers: [{ id: 'billing', account: 'acme', scopes: ['usage:read'], keys }]
})

function sourceOf (files: Map<string, string>) {
  return callersOfFile(PATH, (path) => {
    const text = files.get(path)
    if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return text
  })
}

t.test('a caller may have several keys, each valid until its time', async (t) => {
  const [old, next, gone] = hashed('old', 'next', 'gone')
  const files = new Map([
    [PATH, fileOf([{ ...old!, expiresAt: '2999-01-01T00:00:00Z' }, next!, { ...gone!, expiresAt: '2020-01-01' }])]
  ])
  const { source, faults } = sourceOf(files)
  t.same(faults, [])
  t.equal(findByKey(source.current(), 'old')?.caller.id, 'billing')
  t.equal(findByKey(source.current(), 'next')?.caller.id, 'billing')
  for (const bad of ['gone', 'other', '', 'x'.repeat(300)]) {
    t.equal(findByKey(source.current(), bad), null, bad.slice(0, 10))
  }
})

t.test('new callers replace the old ones at once, and running requests keep the old ones', async (t) => {
  const files = new Map([[PATH, fileOf(hashed('one'))]])
  const { source } = sourceOf(files)
  const before = source.current()
  t.same(source.reload(), { outcome: 'unchanged' })
  t.equal(source.current(), before)
  files.set(PATH, fileOf(hashed('two')))
  t.same(source.reload(), { outcome: 'changed' })
  t.equal(findByKey(source.current(), 'one'), null)
  t.equal(findByKey(source.current(), 'two')?.caller.id, 'billing')
  t.equal(findByKey(before, 'one')?.caller.id, 'billing')
})

t.test('a file with faults keeps the old callers, and every fault is reported until it is corrected', async (t) => {
  const files = new Map([[PATH, fileOf(hashed('one'))]])
  const { source } = sourceOf(files)
  const before = source.current()
  const bad = fileOf([{ id: 'a b', sha256: SECRET, expiresAt: 'soon' }], { apiKey: SECRET })
  files.set(PATH, bad)
  for (let round = 0; round < 2; round++) {
    const result = source.reload()
    t.match(result, { outcome: 'faulty' })
    const text = JSON.stringify(result)
    for (const name of ['apiKey', 'keys[0].id', 'keys[0].sha256', 'keys[0].expiresAt']) t.match(text, name)
    t.notMatch(text, SECRET)
    t.notMatch(text, /must match|\^|\\\\/, 'in words')
    t.equal(source.current(), before)
  }
  files.delete(PATH)
  t.match(
    source.reload(),
    { outcome: 'faulty', faults: [/^CALLERS_FILE: \/callers\.json cannot be read: there is no such file/] }
  )
  files.set(PATH, '')
  t.match(source.reload(), { outcome: 'faulty', faults: ['CALLERS_FILE: is not JSON'] })
  t.equal(source.current(), before)
  files.set(PATH, fileOf(hashed('one')))
  t.same(source.reload(), { outcome: 'changed' })
})

t.test('the credential of an account is read again from its file', async (t) => {
  const files = new Map([[PATH, fileOf(hashed('one'), { apiKeyFile: '/token' })], ['/token', 'SU-400-500-600:first\n']])
  const { source, faults } = sourceOf(files)
  t.same(faults, [])
  t.same(source.paths(), [PATH, '/token'])
  files.set('/token', 'ApiKey SU-400-500-600:second')
  t.same(source.reload(), { outcome: 'changed' })
  t.equal(source.current().entries[0]?.account.apiKey, 'ApiKey SU-400-500-600:second')
  files.delete('/token')
  t.match(
    source.reload(),
    { outcome: 'faulty', faults: [/^CALLERS_FILE accounts\.acme\.apiKeyFile: \/token cannot be read/] }
  )
  t.equal(source.current().entries[0]?.account.apiKey, 'ApiKey SU-400-500-600:second')
})

t.test('a caller without a key is not a fault, and nobody gets in as that caller', async (t) => {
  const { source, faults } = sourceOf(new Map([[PATH, fileOf([])]]))
  t.same(faults, [])
  t.equal(findByKey(source.current(), ''), null)
})
