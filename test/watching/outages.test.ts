import type { ServerResponse } from 'node:http'
import t from 'tap'
import { WAIT_TIMES } from '../../src/watching/watching.ts'
import { until } from '../helper.ts'
import { fileIdOf } from './fake-connect.ts'
import { GAP, LONG, startWatching } from './fixture.ts'

const IDS = Array.from({ length: 1_000 }, (_, n) => fileIdOf(n + 1))
const FILE = IDS[0]!

function answer (response: ServerResponse, status: number, headers: Record<string, string> = {}): 'handled' {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end('{"error_code":"X_1","errors":["not now"]}')
  return 'handled'
}

t.test('1,000 wait while polls fail: each gets a true answer or its time-out', async (t) => {
  const { connect, rest, watching } = await startWatching(t, IDS.map(id => ({ id, status: 'processing' })))
  const waits = IDS.map(async (id, n) => await rest(id, n < 50 ? 3_000 : LONG))
  await until(() => connect.lists().length >= 2, 'lists')
  t.equal(watching.waiting, 1_000)
  // Lists are throttled and cut off in turn.
  connect.onCall = ({ id }, response) => {
    if (id !== null) return undefined
    if (connect.lists().length % 2 === 0) return answer(response, 429)
    response.destroy()
    return 'handled'
  }
  const lists = connect.lists().length
  const begin = performance.now()
  // The first 50 do not change and end while the lists fail. Of the others every second one comes to rest then.
  for (const [n, id] of IDS.entries()) if (n >= 50 && n % 2 === 0) connect.set(id, { status: 'ready' })
  t.same(await Promise.all(waits.slice(0, 50)), Array(50).fill(['processing', false]))
  const asked = connect.lists().length - lists
  t.ok(asked <= 2 + (performance.now() - begin) / GAP / 2, `${asked} lists while they fail`)
  connect.onCall = () => undefined
  for (const id of IDS) connect.set(id, { status: connect.objects.get(id)?.status === 'ready' ? 'ready' : 'invalid' })
  const answers = await Promise.all(waits.slice(50))
  t.same(answers, IDS.slice(50).map((_, n) => [n % 2 === 0 ? 'ready' : 'invalid', true]))
  t.ok(connect.details().length <= 1_060, `${connect.details().length} reads`)
})

t.test('1,000 wait while Connect answers nothing: each ends with an error soon after its time', async (t) => {
  const before = { ...WAIT_TIMES }
  t.teardown(() => { Object.assign(WAIT_TIMES, before) })
  Object.assign(WAIT_TIMES, { lateMs: 200, endMs: 600 })
  const { connect, rest, watching } = await startWatching(t, IDS.map(id => ({ id, status: 'processing' })))
  const begin = performance.now()
  const waits = IDS.map(async id => await rest(id, 2_000).catch((error: unknown) => error))
  await until(() => connect.lists().length >= 2, 'lists')
  connect.onCall = () => 'handled'
  const ends = await Promise.all(waits)
  t.ok(performance.now() - begin < 15_000)
  for (const end of ends) {
    // The state of the one that was read before is at hand.
    if (!Array.isArray(end)) t.match(end, { code: 'UPSTREAM_TIMEOUT' })
    else t.same(end, ['processing', false])
  }
  t.equal(watching.waiting, 0)
})

t.test('a list that asks to wait is not asked before that time', async (t) => {
  const { connect, rest } = await startWatching(t, [{ id: FILE, status: 'processing' }])
  connect.onCall = ({ id }, response) =>
    id === null && connect.lists().length === 1 ? answer(response, 429, { 'retry-after': '1' }) : undefined
  const waited = rest()
  await until(() => connect.lists().length >= 2, 'a second list')
  const [first, second] = connect.lists()
  t.ok(second!.at - first!.at >= 990, `${second!.at - first!.at} ms`)
  connect.set(FILE, { status: 'ready' })
  t.same(await waited, ['ready', true])
})

t.test('a slow Connect delays the answers, and makes none of them wrong', async (t) => {
  const ids = IDS.slice(0, 40)
  const { connect, rest } = await startWatching(t, ids.map(id => ({ id, status: 'processing' })))
  connect.delayMs = 10 * GAP
  const waits = ids.map(async id => await rest(id))
  await until(() => connect.lists().length >= 2, 'lists')
  for (const id of ids) connect.set(id, { status: 'ready' })
  t.same(await Promise.all(waits), Array(40).fill(['ready', true]))
  t.ok(connect.details().length <= 42, `${connect.details().length} reads`)
})

t.test('when the service stops, a state that is at hand is the answer, and Connect is not asked', async (t) => {
  const { connect, rest, watching } = await startWatching(t, [{ id: FILE, status: 'processing' }])
  const waited = rest()
  await until(() => connect.lists().length >= 2 && connect.details().length === 1, 'the first state')
  await new Promise(resolve => setTimeout(resolve, GAP))
  connect.onCall = () => 'handled'
  watching.end()
  t.same(await waited, ['processing', false])
  t.equal(connect.details().length, 1)
})
