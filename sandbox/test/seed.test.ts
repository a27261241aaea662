import t from 'tap'
import { vendorToken, providerToken } from '../src/options.ts'
import { buildSandbox } from '../src/app.ts'
import type { BuiltSandbox } from '../src/app.ts'

const paths = ['/usage/files?limit=1000', '/usage/records?limit=1000&offset=3000', '/usage/chunks?limit=1000',
  '/usage/reconciliations?limit=1000', '/usage/aggregates', '/products/PRD-276-377-545/usage/rules']

async function bodies (sandbox: BuiltSandbox): Promise<string[]> {
  const read = async (url: string, authorization: string): Promise<string> =>
    (await sandbox.app.inject({ url: `/public/v1${url}`, headers: { authorization } })).body
  return await Promise.all([vendorToken, providerToken].flatMap((token) => paths.map((path) => read(path, token))))
}

t.test('two starts give equal bodies, byte for byte', async (t) => {
  const start = process.cpuUsage()
  const first = await buildSandbox()
  const { user, system } = process.cpuUsage(start)
  t.ok(user + system < 1_500_000, 'the full seed takes less than 1.5 s of CPU time')
  const second = await buildSandbox({ now: () => new Date('2030-01-01T00:00:00Z') })
  t.teardown(async () => { await Promise.all([first.app.close(), second.app.close()]) })
  const [one, two] = [await bodies(first), await bodies(second)]
  t.ok(one.every((body, index) => body.length > 2 && body === two[index]))
})

t.test('all times follow the base date', async (t) => {
  const sandbox = await buildSandbox({ baseDate: '2030-06-01T00:00:00Z' })
  t.teardown(async () => { await sandbox.app.close() })
  const all = (await bodies(sandbox)).join('')
  t.notMatch(all, /20(2[0-8]|3[1-9])-\d\d-\d\dT/)
  t.match(all, '2030-05')
  await t.rejects(buildSandbox({ baseDate: 'yesterday' }))
})

t.test('the seed holds every status and kind of object', async (t) => {
  const { app, store } = await buildSandbox()
  t.teardown(async () => { await app.close() })
  t.ok(store.records.size >= 20_000)
  t.match([...store.records.values()].find((record) => record.amount?.text === '9007199254740993.12345678'), {
    status: 'approved', file: { status: 'accepted', contract: { provider: { id: 'PA-400-500' } } }
  })
  const { body } = await app.inject({
    url: '/public/v1/usage/records?usagefile.id=UF-2026-10-9007-1992',
    headers: { authorization: providerToken }
  })
  t.match(body, '"amount":9007199254740994.0,')
  t.ok([...store.files.values()].some((file) => file.chunks.length === 2))
  const states = new Set([...store.chunks.values()].map((chunk) => chunk.status))
  t.same([...states].sort(), ['closed', 'draft', 'failed', 'ready'])
  const outcomes = new Set([...store.reconciliations.values()].map((one) => one.status))
  t.same([...outcomes].sort(), ['failed', 'processed', 'processing', 'uploaded'])
  t.ok(
    [...store.files.values()].some(file => file.acceptanceNote === 'Auto Approved' && file.events.accepted?.by === null)
  )
})
