import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CallContext } from '../../src/connect/api.ts'
import { asVendor, callerCalled, PROVIDER_KEY, startApp, startUpstream, until, VENDOR_KEY } from '../helper.ts'
import { FILE_ID } from '../routes/call.ts'
import { fakeConnect } from '../routes/fake-connect.ts'
import { formOf, KIB, workbookOf } from '../uploads/forms.ts'
import { connectTo } from '../uploads/wire.ts'

const LIST = '/v1/usage-files'
const empty = { usageFiles: { list: () => ({ items: [], total: 0 }) } }

t.test('while the event loop is blocked requests get 503, and health is answered', async (t) => {
  const { origin, logs } = await startApp(t, { connect: fakeConnect(empty).connect, loadSampleMs: 300 })
  const list = async (): Promise<Response> => await fetch(origin + LIST, { headers: asVendor })
  // The first look at the load may still see the start of the test.
  await until(async () => (await list()).status === 200, 'the service to be at rest')
  let isStuck = true
  const cell = new Int32Array(new SharedArrayBuffer(4))
  const hog = (async () => {
    while (isStuck) {
      // Blocks this thread for 700 ms, as a flood of requests would.
      Atomics.wait(cell, 0, 0, 700)
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

t.test('running requests are bounded for each caller and for all callers', async (t) => {
  const waiting: (() => void)[] = []
  const list = async (_query: unknown, { signal }: CallContext): Promise<unknown> => {
    // Connect's client gives up a read whose caller has left.
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      signal?.addEventListener('abort', () => { resolve() })
    })
    return { items: [], total: 0 }
  }
  const { origin } = await startApp(t, {
    connect: fakeConnect({ usageFiles: { list } }).connect,
    callers: { entries: ['a', 'b', 'c'].map(id => callerCalled(id, 'vendor')) }
  })
  const ask = async (id: string, signal?: AbortSignal): Promise<Response> =>
    await fetch(origin + LIST, { headers: { 'x-api-key': `${id}-key` }, ...(signal !== undefined && { signal }) })
  const gone = new AbortController()
  const leaving = Array.from(
    { length: 6 },
    async () =>
      await ask('a', gone.signal).then(
        () => 'answered',
        () => 'left'
      )
  )
  const running = [
    ...Array.from({ length: 250 }, async () => await ask('a')),
    ...Array.from({ length: 256 }, async () => await ask('b'))
  ]
  await until(() => waiting.length === 512, 'all to be under way')
  const own = await ask('a')
  t.match(
    { status: own.status, json: await own.json() },
    { status: 429, json: { code: 'RATE_LIMITED', detail: 'A caller may have 256 requests under way at once.' } }
  )
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

const RECORD = 'UR-2026-11-0000-0001-0001'
const formHeaders = { 'content-type': 'multipart/form-data; boundary=b0undary' }
const json = { 'content-type': 'application/json' }
const LEFT = [
  {
    what: 'uploads',
    each: 6,
    path: `/v1/usage-files/${FILE_ID}/upload`,
    key: VENDOR_KEY,
    headers: formHeaders,
    body: formOf({ file: workbookOf(2 * KIB) }),
    success: 202
  },
  {
    what: 'lists of records',
    each: 4,
    path: '/v1/usage-records/close',
    key: PROVIDER_KEY,
    headers: json,
    success: 200,
    body: Buffer.from(JSON.stringify({ externalBillingId: 'INV-1', records: [{ id: RECORD }] }))
  },
  {
    what: 'lists of records',
    each: 4,
    path: `/v1/usage-files/${FILE_ID}/records/close`,
    key: PROVIDER_KEY,
    headers: json,
    success: 200,
    body: Buffer.from('{"externalBillingId":"INV-1"}')
  }
]

/** A Connect that has writes in its hands until the test lets it answer. */
async function startHoldingConnect (t: Test): Promise<{ baseUrl: string, held: (() => void)[], free: () => void }> {
  const held: (() => void)[] = []
  let isFree = false
  const record = { id: RECORD, status: 'approved', usagefile: { id: FILE_ID } }
  const closed = { ...record, status: 'closed', external_billing_id: 'INV-1' }
  const { baseUrl } = await startUpstream(t, (request, response) => {
    const { method, url = '' } = request
    const answer = (value: object): void => {
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-range': 'items 0-0/1' })
        .end(JSON.stringify(value))
    }
    const value = method === 'GET'
      ? url.includes('/records/?') || url.includes('/records?') ? [record] : { id: FILE_ID, status: 'draft' }
      : url.includes('close-records') ? [closed] : { id: FILE_ID, status: 'uploading', records: {} }
    request.resume().once('end', () => {
      if (method === 'GET' || isFree) answer(value)
      else held.push(() => { answer(value) })
    })
  })
  return {
    baseUrl, held, free: () => {
      isFree = true
      for (const answer of held) answer()
    }
  }
}

for (const { what, each, path, key, headers, body, success } of LEFT) {
  t.test(`${path}: a caller that leaves keeps its place until its work is over`, async (t) => {
    const { baseUrl, held, free } = await startHoldingConnect(t)
    const { port, logs } = await startApp(t, { env: { CONNECT_BASE_URL: baseUrl } })
    const ask = async () => {
      const caller = await connectTo(t, port)
      await caller.sendHead({ path, key, headers: { ...headers, 'content-length': String(body.length) } })
      await caller.sendBody(body)
      return caller
    }
    for (let nth = 1; nth <= each; nth++) {
      const caller = await ask()
      await until(() => held.length === nth, `write ${nth} at Connect`)
      caller.socket.destroy()
    }
    await until(
      () => logs.filter(({ msg, status }) => msg === 'request' && status !== 202).length === each,
      'all to be seen leaving'
    )
    t.match(await (await ask()).answer(), {
      status: 429,
      json: { code: 'RATE_LIMITED', detail: `A caller may have ${each} ${what} under way at once.` }
    })
    t.equal(held.length, each, 'Connect got no more of them')
    free()
    await until(
      () => logs.filter(({ audit, outcome }) => audit === true && outcome === 'done').length === each,
      'the work to be over'
    )
    let answer = await (await ask()).answer()
    await until(async () => {
      if (answer.status === 429) answer = await (await ask()).answer()
      return answer.status !== 429
    }, 'a place')
    t.equal(answer.status, success)
  })
}

t.test('a small body must arrive in time, also when its bytes keep coming', async (t) => {
  const { connect: client, calls } = fakeConnect(empty)
  const { port } = await startApp(t, { connect: client, env: { UPLOAD_IDLE_TIMEOUT_MS: '200' } })
  for (const framing of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
    const caller = await connectTo(t, port)
    await caller.sendHead({ path: LIST, headers: { 'content-type': 'application/json', ...framing } })
    const drip = setInterval(() => { caller.socket.write('content-length' in framing ? ' ' : '1\r\n \r\n') }, 40)
    t.match(await caller.answer(), {
      status: 408,
      headers: { connection: 'close', 'content-type': /^application\/problem\+json/ },
      json: { code: 'REQUEST_TIMEOUT' }
    })
    clearInterval(drip)
    caller.socket.end()
    await until(caller.isClosed, 'the end of the connection')
  }
  const slow = await connectTo(t, port)
  await slow.sendHead({ method: 'GET', path: LIST })
  t.match(await slow.answer(), { status: 200 }, 'no body, no hurry')
  t.same(calls.map(({ operation }) => operation), ['usageFiles.list'], 'nothing was carried out')
})

t.test('open connections are bounded, and existing ones work on', async (t) => {
  const { app, port } = await startApp(t)
  t.equal(app.server.maxConnections, 16_384)
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
