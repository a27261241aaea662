/**
 * Part of `npm run test:full`: SIGTERM while 1,000 requests wait and 1,000 event streams are open. All of them end in
 * time and have told the status of their file, and clients that connect to another replica begin with the present
 * status.
 */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { startService, VENDOR } from '../faults/stop-service.ts'
import { until } from '../helper.ts'
import { fileIdOf, startFakeConnect } from '../watching/fake-connect.ts'

t.setTimeout(0)
const EACH = 1_000
const AT_ONCE = 50
/** The default of DRAIN_TIMEOUT_MS, in milliseconds. */
const DRAIN_MS = 25_000
const IDS = Array.from({ length: EACH }, (_, n) => fileIdOf(n + 1))

interface Answer { status: number, body: string, isWhole: boolean }
interface Sent { begun: Promise<void>, isSent: Promise<unknown>, answer: Promise<Answer> }

/** Sends a GET on a connection of its own. `begun` resolves with the first event of a stream. */
function get (port: number, path: string, headers: Record<string, string> = {}): Sent {
  const sent = request({
    port, path, agent: false, host: '127.0.0.1', headers: { 'x-api-key': VENDOR, connection: 'keep-alive', ...headers }
  })
  let begin = (): void => {}
  const begun = new Promise<void>(resolve => { begin = resolve })
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    sent.end().once('response', resolve).once('error', reject)
  })
  const answer = response.then(async (incoming) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (part: string) => {
      body += part
      if (body.includes('event: ')) begin()
    })
    await once(incoming, 'end')
    return { status: incoming.statusCode ?? 0, body, isWhole: incoming.complete }
  })
  return { begun, isSent: once(sent, 'finish'), answer }
}

/**
 * Sends a request for each id, AT_ONCE at a time. The next group is sent when the last one has begun, because the
 * service limits how many requests of one caller are under way before they wait.
 */
async function sendAll (send: (id: string) => Sent, isBegun: (one: Sent) => Promise<unknown>): Promise<Sent[]> {
  const all: Sent[] = []
  for (let from = 0; from < EACH; from += AT_ONCE) {
    const some = IDS.slice(from, from + AT_ONCE).map(send)
    await Promise.all(some.map(isBegun))
    all.push(...some)
  }
  return all
}

t.test('SIGTERM with 1,000 waiting requests and 1,000 event streams', async (t) => {
  const connect = await startFakeConnect(t, IDS.map(id => ({ id, status: 'processing' })))
  connect.delayMs = 20
  const [stopping, other] = [
    await startService(t, connect.baseUrl, DRAIN_MS), await startService(t, connect.baseUrl, DRAIN_MS)
  ]
  const openStream = (port: number) => (id: string): Sent => get(port, `/v1/events?fileId=${id}`)
  const wait = (port: number) => (id: string): Sent => get(port, `/v1/usage-files/${id}`, { prefer: 'wait=50' })
  const streams = await sendAll(openStream(stopping.port), async one => { await one.begun })
  const waits = await sendAll(wait(stopping.port), async one => { await one.isSent })
  // This answer shows that the service has received the requests that were sent before.
  await get(stopping.port, '/v1/me').answer
  const lists = connect.lists().length
  await until(() => connect.lists().length > lists, 'a list with all of them')

  const begin = performance.now()
  stopping.server.child.kill('SIGTERM')
  const [answers, ends, [code]] = await Promise.all([
    Promise.all(waits.map(async ({ answer }) => await answer)),
    Promise.all(streams.map(async ({ answer }) => await answer)),
    once(stopping.server.child, 'exit')
  ])
  const ms = performance.now() - begin
  t.equal(code, 0)
  t.ok(ms < DRAIN_MS, `${Math.round(ms)} ms`)
  const states = answers.map(({ status, body }) => `${status} ${(JSON.parse(body) as { status: string }).status}`)
  t.same([...new Set(states)], ['200 processing'])
  t.same(ends.filter(({ status, isWhole }) => status !== 200 || !isWhole), [])
  t.ok(ends.every(({ body }) => body.includes('"status":"processing"')), 'each stream has told the status')

  for (const [n, id] of IDS.entries()) if (n % 2 === 0) connect.set(id, { status: 'ready' })
  const again = await sendAll(openStream(other.port), async one => { await one.begun })
  const moved = await sendAll(wait(other.port), async one => { await one.isSent })
  for (const id of IDS) connect.set(id, { status: 'ready' })
  for (const { answer } of moved) t.match(await answer, { status: 200, body: /"status":"ready"/ })
  other.server.child.kill('SIGTERM')
  for (const [n, { answer }] of again.entries()) {
    const [, first] = /"status":"(\w+)","previousStatus":null/.exec((await answer).body) ?? []
    t.equal(first, n % 2 === 0 ? 'ready' : 'processing', 'a stream begins with the present status')
  }
  await once(other.server.child, 'exit')
  t.equal(other.server.child.exitCode, 0)
})
