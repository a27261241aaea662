import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { callersOfFile } from '../../src/credentials/callers-source.ts'
import { watchCallers } from '../../src/credentials/watch-callers.ts'
import { makeFolder, until } from '../helper.ts'
import { AUDIENCE, ISSUER, makeKey, seconds, startIssuer, tokenOf } from '../credentials/issuer.ts'
import { openEvents, startWithConnect } from './event-reader.ts'
import { fileIdOf } from './fake-connect.ts'

const FILE = fileIdOf(1)
const key = await makeKey('one')

interface CallersFile {
  accounts: Record<string, { role: string, accountId: string, apiKey: string }>
  callers: { id: string, account: string, scopes: string[], keys: object[] }[]
  jwt: object
}

/** The service with a callers file that it reads again when the file changes. */
async function startFixture (t: Test) {
  const issuer = await startIssuer(t, key)
  const path = join(makeFolder(t), 'callers.json')
  const callerOf = (id: string): CallersFile['callers'][number] => ({
    id, account: 'acme', scopes: ['usage:read', 'usage:close'],
    keys: [{ id: 'k', sha256: sha256Hex(`${id}-key`), expiresAt: null }]
  })
  const file: CallersFile = {
    accounts: { acme: { role: 'provider', accountId: 'PA-400-500', apiKey: 'SU-400-500-600:canary-connect' } },
    callers: [callerOf('leaving'), callerOf('staying')],
    jwt: {
      issuer: ISSUER, audience: AUDIENCE, jwksUri: issuer.jwksUri, accountClaim: 'connect_account', scopeClaim: 'scope'
    }
  }
  const write = (): void => { writeFileSync(path, JSON.stringify(file)) }
  write()
  const { source, faults } = callersOfFile(path, one => readFileSync(one, 'utf8'))
  t.same(faults, [])
  const { stop } = watchCallers(source, { info: () => {}, error: () => {} })
  t.teardown(stop)
  const app = await startWithConnect(t, [{ id: FILE, status: 'draft' }], { source, eventBeatMs: 120 })
  const open = async (headers: object) => await openEvents(t, app, `?fileId=${FILE}`, headers)
  return { open, file, change: (work: () => void): void => { work(); write() } }
}

const bearer = async (claims: object): Promise<object> =>
  ({ authorization: `Bearer ${await tokenOf(key, { connect_account: 'acme', scope: 'usage:read', ...claims })}` })

t.test('a stream ends when its key, its scope or its account goes from the callers file', async (t) => {
  const { open, file, change } = await startFixture(t)
  const changes: Readonly<Record<string, () => void>> = {
    'the key is revoked': () => { file.callers[0]!.keys = [] },
    'the scope is taken away': () => { file.callers[0]!.scopes = ['usage:close'] },
    'the caller is gone': () => { file.callers.shift() },
    'the account has another token of Connect': () => { file.accounts['acme']!.apiKey = 'SU-400-500-601:canary-other' }
  }
  const staying = await open({ 'x-api-key': 'staying-key' })
  for (const [name, work] of Object.entries(changes)) {
    const before = structuredClone(file.callers)
    const headers = { 'x-api-key': name.includes('account') ? 'staying-key' : 'leaving-key' }
    const stream = await open(headers)
    await until(() => stream.events.length === 1, 'the present status')
    t.equal(stream.hasEnded(), false)
    change(work)
    await until(stream.hasEnded, name)
    t.match(stream.response.complete, true, `${name}: the stream ends as a whole`)
    if (name.includes('account')) await until(staying.hasEnded, 'the end of the other caller of the account')
    else t.equal(staying.hasEnded(), false, `${name}: the other caller stays`)
    change(() => { file.callers = before })
    await until(async () => (await open(headers)).response.statusCode === 200, 'the old callers')
  }
})

t.test('a stream of a token ends with the token, and when its account goes from the callers file', async (t) => {
  const { open, file, change } = await startFixture(t)
  // Clocks may differ by 30 s, so a token counts for 30 s after its end.
  const ending = await open(await bearer({ exp: seconds(-28), iat: seconds(-60) }))
  const lasting = await open(await bearer({ exp: seconds(600) }))
  t.equal(ending.response.statusCode, 200)
  await until(() => ending.events.length === 1 && lasting.events.length === 1, 'the present status')
  await until(ending.hasEnded, 'the end of the token')
  t.equal(ending.response.complete, true)
  t.equal(lasting.hasEnded(), false)
  change(() => {
    file.callers = []
    file.accounts = { other: { role: 'provider', accountId: 'PA-400-501', apiKey: 'SU-400-500-602:canary-third' } }
  })
  await until(lasting.hasEnded, 'the end of the account')
})
