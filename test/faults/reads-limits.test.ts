import t from 'tap'
import { callerCalled, until } from '../helper.ts'
import { MIB } from '../uploads/forms.ts'
import { FILE_ID, startFixture, UPLOAD, type OnUpload, type Fixture } from '../uploads/fixture.ts'
import type { WireAnswer, WireClient } from '../uploads/wire.ts'
import { watchLeftovers } from './leftovers.ts'
import { ask, good, LIMITS, OTHER_ID, status } from './reads-fixture.ts'

t.test('while Connect throttles an account, nothing is read and no upload begins', async (t) => {
  const callers = {
    entries: [callerCalled('throttled', 'vendor'), callerCalled('same', 'vendor'), callerCalled('other', 'provider')]
  }
  const fixture = await startFixture(t, { callers, limits: LIMITS })
  fixture.onGet(status(429, { 'retry-after': '120' }))
  const client = await fixture.client()
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
  t.equal(fixture.upstream.exchanges.length, 1, 'Connect heard of the first alone')
  fixture.onGet(good)
  t.match(await ask(await fixture.client(), FILE_ID, 'other-key'), { status: 200 })
})

t.test('a redirect is not followed', async (t) => {
  const canary = await startFixture(t)
  const fixture = await startFixture(t, { limits: LIMITS })
  const client = await fixture.client()
  for (const code of [301, 302, 303, 307, 308]) {
    fixture.onGet(({ json }) => json(code, '', { location: `${canary.upstream.origin}/latest/meta-data` }))
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
  const fixture = await startFixture(t, { limits: LIMITS })
  const client = await fixture.client()
  fixture.onGet(good)
  await ask(client, OTHER_ID)
  for (const script of [
    endless(`content-length: ${1024 * MIB}`, chunk => chunk),
    endless('transfer-encoding: chunked', chunk =>
      Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
    )
  ]) {
    fixture.onGet(script)
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
  await fixture.quiet()
  await until(() => fixture.upstream.openSockets() === 0, 'no socket to be left')
})

async function fill (fixture: Fixture, count: number): Promise<WireClient[]> {
  return await Promise.all(Array.from({ length: count }, async () => {
    const client = await fixture.client()
    await client.sendHead({ method: 'GET', path: `/v1/usage-files/${FILE_ID}` })
    return client
  }))
}

t.test('when all slots of reads are held, a read waits for a slot or gets 503', async (t) => {
  const jsonRead = { connections: 2, headersMs: 5_000, bodyIdleMs: 5_000, isFresh: false }
  const fixture = await startFixture(t, { limits: { ...LIMITS, jsonRead, queueWaitMs: 300 } })
  const nothingLeft = await watchLeftovers(fixture)
  const release: (() => void)[] = []
  fixture.onGet(async (exchange) => {
    await new Promise<void>((resolve) => { release.push(resolve) })
    await good(exchange)
  })
  const running = await fill(fixture, 2)
  await until(() => release.length === 2, 'the places to be taken')
  const waiting = await fill(fixture, 4)
  await until(() => fixture.app.connect.stats().jsonRead.pending === 4, 'the queue to be full')
  const [late] = await fill(fixture, 1)
  const overloaded = { status: 503, headers: { 'retry-after': '1' }, json: { code: 'OVERLOADED' } }
  t.match(await late?.answer(), overloaded, 'at once')
  t.equal(fixture.app.connect.stats().jsonRead.pending, 4)
  release.splice(0).forEach((go) => { go() })
  for (const one of running) t.match(await one.answer(), { status: 200 })
  await until(() => release.length === 2, 'two more to get a place')
  const answers = await Promise.all(waiting.slice(2).map(async one => await one.answer()))
  for (const answer of answers) t.match(answer, overloaded, 'after their wait')
  release.splice(0).forEach((go) => { go() })
  for (const one of waiting.slice(0, 2)) t.match(await one.answer(), { status: 200 })
  fixture.onGet(good)
  for (const one of waiting.slice(2)) t.match(await ask(one, OTHER_ID), { status: 200, json: { id: OTHER_ID } })
  t.equal(fixture.upstream.exchanges.length, 6, 'Connect heard nothing of those that were turned away')
  for (const one of [...running, ...waiting, ...late === undefined ? [] : [late]]) await one.closed()
  await nothingLeft()
})

t.test('a caller that leaves ends its read at Connect', async (t) => {
  // Only the leaving of the caller ends the read as soon as this test asks for.
  const fixture = await startFixture(t, { limits: LIMITS, env: { CONNECT_TIMEOUT_MS: '60000' } })
  const nothingLeft = await watchLeftovers(fixture)
  fixture.onGet(() => {})
  for (const goes of ['FIN', 'RST'] as const) {
    const [client] = await fill(fixture, 1)
    await until(() => fixture.upstream.openSockets() === 1, 'the read')
    if (goes === 'RST') client?.socket.resetAndDestroy()
    else client?.socket.destroy()
    await until(() => fixture.upstream.openSockets() === 0, `${goes}: its end`)
  }
  t.equal(fixture.upstream.exchanges.length, 2, 'and is not tried again')
  await nothingLeft()
})
