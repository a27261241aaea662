import t from 'tap'
import { jsonAnswer } from '../connect/upstream.ts'
import { callerCalled, until } from '../helper.ts'
import { MIB } from '../uploads/forms.ts'
import { FILE_ID, startStage, UPLOAD, type OnUpload, type Stage } from '../uploads/stage.ts'
import type { WireAnswer, WireClient } from '../uploads/wire.ts'
import { SHORT_LIVED, watchLeftovers } from './leftovers.ts'

const OTHER_ID = 'UF-2026-11-0000-0002'
const PAGE = '<html><body>canary-page</body></html>'
const LONG = JSON.stringify({ id: FILE_ID, name: 'canary-name'.repeat(40) })
const CHUNKED = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'

interface Fault {
  name: string
  /** What the first reads meet, in order; the last one again and again. */
  scripts: readonly OnUpload[]
  attempts: number
  expected: { status: number, code?: string, headers?: Record<string, unknown> }
  timeoutMs?: number
}

const good: OnUpload = ({ json, path }) => json(200, { id: path.split('/').at(-1), status: 'draft' })
const another: OnUpload = ({ json }) => json(200, { id: 'UF-2026-11-0000-0009', status: 'draft', name: 'canary-name' })
const reset: OnUpload = ({ socket }) => { socket.resetAndDestroy() }
const status =
  (code: number, headers: Record<string, string> = {}, body = PAGE): OnUpload =>
    ({ json }) =>
      json(code, body, { 'content-type': 'text/html', ...headers })
const cut = (text: string): OnUpload => ({ raw, socket }) => {
  raw(text)
  socket.end()
}
const drip: OnUpload = ({ raw, socket }) => {
  raw('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n')
  const timer = setInterval(() => { socket.write(' ') }, 20)
  socket.on('close', () => { clearInterval(timer) })
}

const failed = { status: 502, code: 'UPSTREAM_FAILED' }
const lost = { status: 502, code: 'UPSTREAM_RESET' }
const unusable = { status: 502, code: 'UPSTREAM_INVALID' }
const late = { status: 504, code: 'UPSTREAM_TIMEOUT' }

const FAULTS: readonly Fault[] = [
  { name: 'headers that do not come', scripts: [() => {}], attempts: 1, expected: late, timeoutMs: 200 },
  { name: 'a body that drips', scripts: [drip], attempts: 1, expected: late, timeoutMs: 300 },
  { name: 'a reset each time', scripts: [reset], attempts: 3, expected: lost },
  {
    name: 'an end each time',
    scripts: [
      ({ socket }) => {
        socket.end()
      }
    ],
    attempts: 3,
    expected: lost
  },
  { name: 'a reset once', scripts: [reset, good], attempts: 2, expected: { status: 200 } },
  {
    name: 'a reset, a 503, then an answer',
    scripts: [reset, status(503), good],
    attempts: 3,
    expected: { status: 200 }
  },
  { name: '500', scripts: [status(500)], attempts: 1, expected: failed },
  ...[502, 503, 504].map((code): Fault => ({
    name: `${code} each time`,
    scripts: [status(code)],
    attempts: 3,
    expected: failed
  })),
  {
    name: '503 that asks for a wait that is too long',
    scripts: [status(503, { 'retry-after': '60' })],
    attempts: 1,
    expected: failed
  },
  {
    name: '429 that asks for a second',
    scripts: [status(429, { 'retry-after': '1' }), good],
    attempts: 2,
    expected: { status: 200 }
  },
  {
    name: '429 that does not say when',
    scripts: [status(429)],
    attempts: 1,
    expected: { status: 503, code: 'UPSTREAM_THROTTLED', headers: { 'retry-after': '1' } }
  },
  {
    name: '401',
    scripts: [({ json }) => json(401, { error_code: 'AUTH_001', errors: ['canary-words'] })],
    attempts: 1,
    expected: { status: 502, code: 'UPSTREAM_CREDENTIAL' }
  },
  ...[400, 401, 403, 404, 408, 421, 425, 499].map((code): Fault => ({
    name: `${code} with the page of a gateway`,
    scripts: [status(code)],
    attempts: 1,
    expected: unusable
  })),
  { name: 'half a document', scripts: [({ json }) => json(200, '{"id":"canary-')], attempts: 1, expected: unusable },
  { name: 'a page with status 200', scripts: [status(200)], attempts: 1, expected: unusable },
  { name: 'a list for an object', scripts: [({ json }) => json(200, [])], attempts: 1, expected: unusable },
  { name: 'another object each time', scripts: [another], attempts: 2, expected: unusable },
  { name: 'another object once', scripts: [another, good], attempts: 2, expected: { status: 200 } },
  { name: 'an object without an id', scripts: [({ json }) => json(200, {})], attempts: 2, expected: unusable },
  {
    name: 'a coded body',
    scripts: [({ json }) => json(200, { id: FILE_ID }, { 'content-encoding': 'gzip' })],
    attempts: 1,
    expected: unusable
  },
  {
    name: 'a body cut short of its length',
    scripts: [cut(jsonAnswer(200, LONG).slice(0, -20))],
    attempts: 3,
    expected: lost
  },
  {
    name: 'chunks without the last',
    scripts: [cut(`${CHUNKED}${LONG.length.toString(16)}\r\n${LONG}\r\n`)],
    attempts: 3,
    expected: lost
  },
  {
    name: 'headers of 40 KB',
    scripts: [({ json }) => json(200, {}, { 'x-large': 'x'.repeat(40_000) })],
    attempts: 1,
    expected: unusable
  },
  { name: 'something that is not HTTP', scripts: [cut('SSH-2.0-canary-ssh\r\n\r\n')], attempts: 1, expected: unusable },
  {
    name: 'two answers at once',
    scripts: [
      ({ json, raw }) => {
        json(200, { id: FILE_ID })
        raw('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx')
      }
    ],
    attempts: 1,
    expected: { status: 200 }
  },
  {
    name: 'an early hint before the answer',
    scripts: [
      ({ json, raw }) => {
        raw('HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')
        json(200, { id: FILE_ID })
      }
    ],
    attempts: 1,
    expected: { status: 200 }
  }
]

async function ask (client: WireClient, id: string, key?: string): Promise<WireAnswer> {
  await client.sendHead({ method: 'GET', path: `/v1/usage-files/${id}`, ...(key !== undefined && { key }) })
  return await client.answer()
}

const LIMITS = { ...SHORT_LIVED, retryPauseMinMs: 1, retryPauseMaxMs: 3 }

for (const { name, scripts, attempts, expected, timeoutMs = 10_000 } of FAULTS) {
  t.test(`${name}: ${expected.code ?? 'answered'} after ${attempts}`, async (t) => {
    const stage = await startStage(t, { env: { CONNECT_TIMEOUT_MS: String(timeoutMs) }, limits: LIMITS })
    const { exchanges } = stage.upstream
    const client = await stage.client()
    // On a connection to Connect that was used before, as most are.
    stage.onGet(good)
    t.match(await ask(client, OTHER_ID), { status: 200 })
    stage.onGet(async exchange => { await scripts[Math.min(exchange.index, scripts.length) - 1]?.(exchange) })
    const startedAt = performance.now()
    const answer = await ask(client, FILE_ID)
    const ms = performance.now() - startedAt

    t.match(answer, { status: expected.status, headers: expected.headers ?? {} })
    if (expected.code === undefined) t.match(answer.json, { id: FILE_ID })
    else {
      t.match(answer, {
        headers: { 'content-type': /^application\/problem\+json/ },
        json: { code: expected.code, status: expected.status }
      })
    }
    t.notMatch(answer.text, /canary-/, 'nothing of the body is passed on')
    const asked = exchanges.slice(1)
    t.equal(asked.length, attempts, 'attempts')
    t.ok(asked.every(one => one.path.endsWith(FILE_ID)))
    const broken = asked.slice(0, -1).filter((_, i) => scripts[Math.min(i, scripts.length - 1)] === reset)
    for (const one of broken) {
      t.equal(
        exchanges.filter(({ socket }) => socket === one.socket).at(-1),
        one,
        'nothing more on a socket that failed'
      )
    }
    if (name.includes('a second')) t.ok(ms >= 990, `${ms} ms`)

    stage.onGet(good)
    t.not(answer.headers['connection'], 'close')
    t.match(
      await ask(client, OTHER_ID),
      { status: 200, json: { id: OTHER_ID } },
      'the next request on the connection has its own answer'
    )
    await client.closed()
    await stage.quiet()
    await until(() => stage.upstream.openSockets() === 0, 'no socket to be left')
    t.same(stage.logs.filter(({ level }) => level === 'fatal'), [])
  })
}

t.test('a fault of a read leaves nothing behind', async (t) => {
  const stage = await startStage(t, { env: { CONNECT_TIMEOUT_MS: '300' }, limits: LIMITS })
  const nothingLeft = await watchLeftovers(stage)
  for (const { scripts } of FAULTS) {
    let seen = 0
    stage.onGet(async (exchange) => { await scripts[Math.min(seen++, scripts.length - 1)]?.(exchange) })
    const client = await stage.client()
    t.ok([200, 502, 503, 504].includes((await ask(client, FILE_ID)).status))
    client.socket.destroy()
  }
  await nothingLeft()
})

t.test('while Connect throttles an account, nothing is read and no upload begins', async (t) => {
  const callers = {
    entries: [callerCalled('throttled', 'vendor'), callerCalled('same', 'vendor'), callerCalled('other', 'provider')]
  }
  const stage = await startStage(t, { callers, limits: LIMITS })
  stage.onGet(status(429, { 'retry-after': '120' }))
  const client = await stage.client()
  const told: WireAnswer[] = []
  for (const key of ['throttled-key', 'same-key', 'throttled-key']) told.push(await ask(client, FILE_ID, key))
  await client.sendHead({
    path: UPLOAD,
    key: 'same-key',
    headers: { 'content-length': '5', 'content-type': 'application/octet-stream' }
  })
  told.push(await client.answer())
  for (const answer of told) {
    t.match(answer, { status: 503, json: { code: 'UPSTREAM_THROTTLED' } })
    const seconds = Number(answer.headers['retry-after'])
    t.ok(seconds > 110 && seconds <= 120, String(seconds))
  }
  t.equal(stage.upstream.exchanges.length, 1, 'Connect heard of the first alone')
  stage.onGet(good)
  t.match(await ask(await stage.client(), FILE_ID, 'other-key'), { status: 200 })
})

t.test('a redirect is not followed', async (t) => {
  const canary = await startStage(t)
  const stage = await startStage(t, { limits: LIMITS })
  const client = await stage.client()
  for (const code of [301, 302, 303, 307, 308]) {
    stage.onGet(({ json }) => json(code, '', { location: `${canary.upstream.origin}/latest/meta-data` }))
    t.match(await ask(client, FILE_ID), { status: 502, json: { code: 'UPSTREAM_INVALID' } }, String(code))
  }
  t.equal(canary.upstream.connections(), 0)
})

/** Says a gigabyte, and sends of it what is taken. */
const endless = (head: string, frame: (chunk: Buffer) => Buffer): OnUpload => ({ socket, raw }) => {
  raw(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${head}\r\n\r\n`)
  const piece = frame(Buffer.alloc(64 * 1024, ' '))
  const more = (): void => { while (!socket.destroyed && socket.write(piece)) { /* until it is full */ } }
  socket.on('drain', more)
  more()
}

t.test('an answer without end is cut at 16 MiB', async (t) => {
  const stage = await startStage(t, { limits: LIMITS })
  const client = await stage.client()
  stage.onGet(good)
  await ask(client, OTHER_ID)
  for (const script of [
    endless(`content-length: ${1024 * MIB}`, chunk => chunk),
    endless('transfer-encoding: chunked', chunk =>
      Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
    )
  ]) {
    stage.onGet(script)
    const before = process.memoryUsage().rss
    let peak = before
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss)
    }, 2)
    t.match(await ask(client, FILE_ID), { status: 502, json: { code: 'UPSTREAM_INVALID' } })
    clearInterval(watch)
    peak = Math.max(peak, process.memoryUsage().rss)
    t.ok(peak - before < 64 * MIB, `${Math.round((peak - before) / MIB)} MiB more`)
  }
  await client.closed()
  await stage.quiet()
  await until(() => stage.upstream.openSockets() === 0, 'no socket to be left')
})

async function fill (stage: Stage, count: number): Promise<WireClient[]> {
  return await Promise.all(Array.from({ length: count }, async () => {
    const client = await stage.client()
    await client.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
    return client
  }))
}

t.test('when all slots of reads are held, a read waits for a slot or gets 503', async (t) => {
  const jsonRead = { connections: 2, headersMs: 5_000, bodyIdleMs: 5_000, isFresh: false }
  const stage = await startStage(t, { limits: { ...LIMITS, jsonRead, queueWaitMs: 300 } })
  const nothingLeft = await watchLeftovers(stage)
  const release: (() => void)[] = []
  stage.onGet(async (exchange) => {
    await new Promise<void>((resolve) => { release.push(resolve) })
    await good(exchange)
  })
  const running = await fill(stage, 2)
  await until(() => release.length === 2, 'the places to be taken')
  const waiting = await fill(stage, 4)
  await until(() => stage.app.connect.stats().jsonRead.pending === 4, 'the queue to be full')
  const [late] = await fill(stage, 1)
  const overloaded = { status: 503, headers: { 'retry-after': '1' }, json: { code: 'OVERLOADED' } }
  t.match(await late?.answer(), overloaded, 'at once')
  t.equal(stage.app.connect.stats().jsonRead.pending, 4)
  release.splice(0).forEach((go) => { go() })
  for (const one of running) t.match(await one.answer(), { status: 200 })
  await until(() => release.length === 2, 'two more to get a place')
  const answers = await Promise.all(waiting.slice(2).map(async one => await one.answer()))
  for (const answer of answers) t.match(answer, overloaded, 'after their wait')
  release.splice(0).forEach((go) => { go() })
  for (const one of waiting.slice(0, 2)) t.match(await one.answer(), { status: 200 })
  stage.onGet(good)
  for (const one of waiting.slice(2)) t.match(await ask(one, OTHER_ID), { status: 200, json: { id: OTHER_ID } })
  t.equal(stage.upstream.exchanges.length, 6, 'Connect heard nothing of those that were turned away')
  for (const one of [...running, ...waiting, ...late === undefined ? [] : [late]]) await one.closed()
  await nothingLeft()
})

t.test('a caller that leaves ends its read at Connect', async (t) => {
  const stage = await startStage(t, { limits: LIMITS })
  const nothingLeft = await watchLeftovers(stage)
  stage.onGet(() => {})
  for (const goes of ['FIN', 'RST'] as const) {
    const [client] = await fill(stage, 1)
    await until(() => stage.upstream.openSockets() === 1, 'the read')
    const leftAt = performance.now()
    if (goes === 'RST') client?.socket.resetAndDestroy()
    else client?.socket.destroy()
    await until(() => stage.upstream.openSockets() === 0, 'its end')
    t.ok(performance.now() - leftAt < 1_000, goes)
  }
  t.equal(stage.upstream.exchanges.length, 2, 'and is not tried again')
  await nothingLeft()
})
