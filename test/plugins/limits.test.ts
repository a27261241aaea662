import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { asVendor, callerCalled, startApp, until } from '../helper.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { connectTo } from '../streaming/wire.ts'

const LIST = '/v1/usage-files'
const empty = { usageFiles: { list: () => ({ items: [], total: 0 }) } }

t.test('while the event loop is stuck work is turned away, and health is not', async (t) => {
  const { origin, logs } = await startApp(t, { connect: fakeConnect(empty).connect, loadSampleMs: 300 })
  const list = async (): Promise<Response> => await fetch(origin + LIST, { headers: asVendor })
  // The first look at the load may still see the start of the test.
  await until(async () => (await list()).status === 200, 'the service to be at rest')
  let isStuck = true
  const hog = (async () => {
    while (isStuck) {
      const end = performance.now() + 700
      while (performance.now() < end) { /* what a flood of requests would do */ }
      await turn()
    }
  })()
  let answer = await list()
  await until(async () => {
    if (answer.status === 503) return true
    answer = await list()
    return answer.status === 503
  }, 'work to be turned away', 30_000)
  t.match(await answer.json(), { code: 'OVERLOADED', status: 503 })
  t.equal(answer.headers.get('retry-after'), '5')
  t.equal((await fetch(`${origin}/health/live`)).status, 200)
  t.equal((await fetch(`${origin}/health/ready`)).status, 200)
  isStuck = false
  await hog
  await until(async () => (await list()).status === 200, 'work to be taken again')
  t.match(logs.find(({ msg }) => msg === 'overloaded'), { level: 'warn', pressure: 'eventLoopDelay' })
})

t.test('a caller has so many requests under way at most, and all callers together', async (t) => {
  const waiting: (() => void)[] = []
  const list = async (): Promise<unknown> => {
    await new Promise<void>((resolve) => { waiting.push(resolve) })
    return { items: [], total: 0 }
  }
  const { origin } = await startApp(t, {
    connect: fakeConnect({ usageFiles: { list } }).connect, callers: { entries: ['a', 'b', 'c'].map(id => callerCalled(id, 'vendor')) }
  })
  const ask = async (id: string, signal?: AbortSignal): Promise<Response> => await fetch(origin + LIST, { headers: { 'x-api-key': `${id}-key` }, ...(signal !== undefined && { signal }) })
  const gone = new AbortController()
  const leaving = Array.from({ length: 6 }, async () => await ask('a', gone.signal).then(() => 'answered', () => 'left'))
  const running = [...Array.from({ length: 250 }, async () => await ask('a')), ...Array.from({ length: 256 }, async () => await ask('b'))]
  await until(() => waiting.length === 512, 'all to be under way')
  const own = await ask('a')
  t.match({ status: own.status, json: await own.json() }, { status: 429, json: { code: 'RATE_LIMITED', detail: 'A caller may have 256 requests under way at once.' } })
  const all = await ask('c')
  t.match({ status: all.status, json: await all.json() }, { status: 503, json: { code: 'OVERLOADED' } })
  t.same([own, all].map(({ headers }) => headers.get('retry-after')), ['1', '1'])
  t.equal((await fetch(`${origin}/health/ready`)).status, 200)
  gone.abort()
  t.same(new Set(await Promise.all(leaving)), new Set(['left']))
  await until(async () => {
    const before = waiting.length
    const late = ask('c')
    const refused = await Promise.race([late, until(() => waiting.length > before, 'a place')])
    if (refused === undefined) running.push(late)
    return refused === undefined
  }, 'who left to have made room')
  for (const release of waiting) release()
  t.same(new Set((await Promise.all(running)).map(({ status }) => status)), new Set([200]))
})

t.test('a small body has to arrive in time, however little of it comes and goes', async (t) => {
  const { connect: client, calls } = fakeConnect(empty)
  const { port } = await startApp(t, { connect: client, env: { UPLOAD_IDLE_TIMEOUT_MS: '200' } })
  for (const framing of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
    const caller = await connectTo(t, port)
    await caller.sendHead({ path: LIST, headers: { 'content-type': 'application/json', ...framing } })
    const drip = setInterval(() => { caller.socket.write('content-length' in framing ? ' ' : '1\r\n \r\n') }, 40)
    t.match(await caller.answer(), { status: 408, headers: { connection: 'close', 'content-type': /^application\/problem\+json/ }, json: { code: 'REQUEST_TIMEOUT' } })
    clearInterval(drip)
    caller.socket.end()
    await until(caller.isClosed, 'the end of the connection')
  }
  const slow = await connectTo(t, port)
  await slow.sendHead({ method: 'GET', path: LIST })
  t.match(await slow.answer(), { status: 200 }, 'no body, no hurry')
  t.same(calls.map(({ operation }) => operation), ['usageFiles.list'], 'nothing was carried out')
})

t.test('open connections are bounded; those there are go on', async (t) => {
  const { app, port } = await startApp(t)
  t.equal(app.server.maxConnections, 4096)
  app.server.maxConnections = 20
  const sockets = Array.from({ length: 60 }, (): Socket => connect(port, '127.0.0.1').on('error', () => {}))
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  const ended = new Set<Socket>()
  for (const socket of sockets) socket.once('close', () => { ended.add(socket) })
  await until(() => ended.size === 40, 'the surplus to be dropped')
  const kept = sockets.find(socket => !ended.has(socket))
  kept?.write('GET /health/live HTTP/1.1\r\nhost: bff\r\n\r\n')
  const [answer] = await once(kept!, 'data') as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 200/)
  t.equal(ended.size, 40)
})

t.test('the time limits of connections are set', async (t) => {
  const { app } = await startApp(t)
  t.match(app.server, { headersTimeout: 15_000, requestTimeout: 900_000, keepAliveTimeout: 72_000 })
})
