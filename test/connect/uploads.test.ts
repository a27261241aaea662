import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { UploadBody } from '../../src/connect/client.ts'
import { context, failure, jsonAnswer, startClient, startUpstream } from './upstream.ts'
import type { Exchange, Upstream } from './upstream.ts'

const MIB = 1024 * 1024
const contentType = 'multipart/form-data; boundary=b'

/** Deterministic chunks of odd sizes. */
function chunksOf (total: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let made = 0, i = 1; made < total; i += 1) {
    const chunk = Buffer.alloc(Math.min(total - made, 1 + (i * 7919) % 60_000), i % 251)
    chunks.push(chunk)
    made += chunk.length
  }
  return chunks
}

function sha256 (data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Waits until the upstream has a request with at least so many bytes of body. */
async function arrived (upstream: Upstream, bytes: number): Promise<Exchange> {
  for (;;) {
    const [first] = upstream.exchanges
    if (first !== undefined && first.received() >= bytes) return first
    await turn()
  }
}

const accept = async (exchange: Exchange): Promise<void> => {
  await exchange.body()
  exchange.json(201, { id: 'UF-1', status: 'uploading' })
}

t.test('a body arrives byte for byte with its exact length', async (t) => {
  const chunks = chunksOf(3 * MIB)
  const whole = Buffer.concat(chunks)
  const upstream = await startUpstream(t, accept)
  const client = startClient(t, upstream.baseUrl)
  async function * generate (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(0)
    for (const chunk of chunks) yield new Uint8Array(chunk)
    yield Buffer.alloc(0)
  }
  for (const stream of [Readable.from(chunks), generate()]) {
    const file = await client.usageFiles.upload('UF-1', { stream, length: whole.length, contentType }, context())
    t.match(file, { id: 'UF-1', status: 'uploading' })
    const sent = upstream.exchanges.at(-1)
    t.equal(sent?.headers['content-length'], String(whole.length))
    t.notOk(sent?.headers['transfer-encoding'])
    t.equal(sha256(await sent?.body() ?? Buffer.alloc(0)), sha256(whole))
  }
  await upstream.allClosed()
  t.equal(upstream.connections(), 2, 'a fresh socket each')
  t.match(client.stats().upload, { connected: 0, running: 0, pending: 0 })
})

t.test('a source that fails leaves an incomplete body at Connect, at any point', async (t) => {
  const cause = new Error('the caller sent rubbish')
  const fail = (after: readonly Buffer[]): UploadBody['stream'] => Readable.from((async function * () {
    yield * after
    throw cause
  })())
  const destroyed = (): Readable => {
    const stream = new PassThrough()
    stream.write(Buffer.alloc(1000))
    stream.once('data', () => stream.destroy())
    return stream
  }
  const sources: readonly (readonly [string, () => UploadBody['stream'], Error | undefined])[] = [
    ['midway', () => fail([Buffer.alloc(1000)]), cause],
    ['before its last byte', () => fail([Buffer.alloc(1000), Buffer.alloc(999)]), cause],
    ['by being destroyed', destroyed, undefined]
  ]
  for (const [where, source, expected] of sources) {
    const upstream = await startUpstream(t, accept)
    const client = startClient(t, upstream.baseUrl)
    const error = await failure(
      client.usageFiles.upload('UF-1', { stream: source(), length: 2000, contentType }, context())
    )
    t.match(error, { name: 'ConnectBodyError', kind: 'body', reason: 'source-failed', bodyComplete: false }, where)
    if (expected !== undefined) t.equal(error.cause, expected, `${where}: the cause is the source's own`)
    await upstream.allClosed()
    for (const exchange of upstream.exchanges) {
      t.ok(exchange.received() < 2000, `${where}: cut`)
      await t.rejects(exchange.body(), { message: 'body cut' })
    }
    t.match(client.stats().upload, { running: 0, pending: 0 })
  }
})

t.test('a source that fails after its last byte leaves the outcome open', async (t) => {
  const upstream = await startUpstream(t, async (exchange) => { await exchange.body() })
  const client = startClient(t, upstream.baseUrl)
  async function * source (): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1000)
    yield Buffer.alloc(1000)
    throw new Error('too late')
  }
  const error = await failure(
    client.usageFiles.upload('UF-1', { stream: source(), length: 2000, contentType }, context())
  )
  t.match(error, { bodyComplete: true, sent: 'maybe', kind: 'reset' })
})

t.test('a source that fails before its first byte sends nothing', async (t) => {
  const upstream = await startUpstream(t, accept)
  const client = startClient(t, upstream.baseUrl)
  const stream = new Readable({ read () { this.destroy(new Error('early')) } })
  const error = await failure(client.reconciliations.create({ stream, length: 5, contentType }, context()))
  t.match(error, { kind: 'body', reason: 'source-failed', sent: 'no', bodyComplete: false })
  t.equal(upstream.exchanges.length, 0)
})

t.test('a source of another length than announced is a mismatch', async (t) => {
  for (const [length, made] of [[2000, 1999], [2000, 2001], [10 * MIB, MIB], [MIB, 10 * MIB]] as const) {
    const upstream = await startUpstream(t, accept)
    const client = startClient(t, upstream.baseUrl)
    const stream = Readable.from(chunksOf(made))
    const error = await failure(client.usageFiles.reconcile('UF-1', { stream, length, contentType }, context()))
    t.match(error, { kind: 'body', reason: 'length-mismatch', bodyComplete: false })
    t.ok(stream.destroyed)
    await upstream.allClosed()
    for (const exchange of upstream.exchanges) t.ok(exchange.received() < length)
  }
  const client = startClient(t, 'http://127.0.0.1:1')
  for (const length of [0, -1, 1.5, Number.NaN]) {
    const stream = Readable.from([Buffer.alloc(1)])
    await t.rejects(client.usageFiles.upload('UF-1', { stream, length, contentType }, context()), TypeError)
    t.ok(stream.destroyed)
  }
})

t.test('a caller that leaves ends the call to Connect', async (t) => {
  const upstream = await startUpstream(t, accept)
  const client = startClient(t, upstream.baseUrl)
  const away = new AbortController()
  const stream = new PassThrough()
  stream.write(Buffer.alloc(5000))
  const call = failure(client.usageFiles.upload(
    'UF-1', { stream, length: 10_000, contentType }, context({ signal: away.signal })
  ))
  const exchange = await arrived(upstream, 5000)
  away.abort()
  t.match(await call, { kind: 'aborted', sent: 'maybe', bodyComplete: false })
  t.ok(stream.destroyed)
  await upstream.allClosed()
  await t.rejects(exchange.body(), { message: 'body cut' })
  t.equal(upstream.connections(), 1)
  t.match(client.stats().upload, { running: 0 })
})

t.test('a generator that waits is returned when the call ends', async (t) => {
  const upstream = await startUpstream(t, accept)
  const client = startClient(t, upstream.baseUrl)
  const away = new AbortController()
  let isReturned = false
  const stream: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      async return () {
        isReturned = true
        return { done: true as const, value: undefined }
      }
    })
  }
  const ctx = context({ signal: away.signal })
  const call = failure(client.usageFiles.upload('UF-1', { stream, length: 10, contentType }, ctx))
  while (client.stats().upload.connected === 0) await turn()
  away.abort()
  t.match(await call, { kind: 'aborted', sent: 'no' })
  t.ok(isReturned)
})

t.test('an early answer is the answer, whether or not the connection ends then', async (t) => {
  for (const extra of [{ connection: 'close' }, {}]) {
    const upstream = await startUpstream(t, ({ socket }) => {
      const answer = jsonAnswer(413, { error_code: 'VAL_001', errors: ['too large'] }, extra)
      if (extra.connection === 'close') socket.end(answer)
      else socket.write(answer)
    })
    const client = startClient(t, upstream.baseUrl)
    const stream = new PassThrough()
    stream.write(Buffer.alloc(100))
    const error = await failure(client.usageFiles.upload('UF-1', { stream, length: 50 * MIB, contentType }, context()))
    t.match(error, { kind: 'response', status: 413, errorCode: 'VAL_001', bodyComplete: false })
    t.ok(stream.destroyed)
    await upstream.allClosed()
    t.match(client.stats().upload, { connected: 0, running: 0 })
  }
})

t.test('a success before the whole body was sent is not taken as a success', async (t) => {
  const upstream = await startUpstream(t, (exchange) => exchange.json(201, { id: 'UF-1' }))
  const client = startClient(t, upstream.baseUrl)
  const stream = new PassThrough()
  stream.write(Buffer.alloc(100))
  const error = await failure(client.usageFiles.upload('UF-1', { stream, length: 1000, contentType }, context()))
  t.match(error, { kind: 'bad-payload', reason: 'early-success', status: 201, bodyComplete: false })
})

t.test('a reset in the middle of the body is a reset, and the upload is sent once', async (t) => {
  const upstream = await startUpstream(t, async (exchange) => {
    await turn()
    exchange.socket.resetAndDestroy()
  })
  const client = startClient(t, upstream.baseUrl)
  const stream = new PassThrough()
  stream.write(Buffer.alloc(100_000))
  const ctx = context()
  const error = await failure(client.usageFiles.upload('UF-1', { stream, length: 50 * MIB, contentType }, ctx))
  t.match(error, { kind: 'reset', sent: 'maybe', bodyComplete: false })
  t.ok(stream.destroyed)
  t.equal(upstream.connections(), 1)
  t.equal(ctx.seen.length, 1)
})

t.test('a reset after the whole body leaves the outcome open', async (t) => {
  const upstream = await startUpstream(t, async (exchange) => {
    await exchange.body()
    exchange.socket.resetAndDestroy()
  })
  const client = startClient(t, upstream.baseUrl)
  const stream = Readable.from(chunksOf(MIB))
  const error = await failure(client.usageFiles.upload('UF-1', { stream, length: MIB, contentType }, context()))
  t.match(error, { kind: 'reset', sent: 'maybe', bodyComplete: true })
})

t.test('a silent Connect times out, and a slow source does not', async (t) => {
  const limits = { uploadSilenceMs: 60 }
  const mute = await startUpstream(t, () => {})
  const stream = Readable.from(chunksOf(MIB))
  const error = await failure(
    startClient(t, mute.baseUrl, { limits }).usageFiles.upload('UF-1', { stream, length: MIB, contentType }, context())
  )
  t.match(error, { kind: 'timeout', phase: 'upload', bodyComplete: true })

  const stuck = await startUpstream(t, ({ socket }) => socket.pause())
  const endless = Readable.from(chunksOf(64 * MIB))
  t.match(await failure(startClient(t, stuck.baseUrl, { limits }).usageFiles.upload(
    'UF-1', { stream: endless, length: 64 * MIB, contentType }, context()
  )), { kind: 'timeout', phase: 'upload', bodyComplete: false })
  t.ok(endless.destroyed)

  const patient = await startUpstream(t, accept)
  const slow = new PassThrough()
  slow.write(Buffer.alloc(1))
  const call = startClient(t, patient.baseUrl, { limits }).usageFiles.upload(
    'UF-1', { stream: slow, length: 2, contentType }, context()
  )
  await arrived(patient, 1)
  // That nothing happens in a time can only be seen by letting it pass.
  await sleep(3 * limits.uploadSilenceMs)
  slow.end(Buffer.alloc(1))
  t.match(await call, { id: 'UF-1' })
})

t.test('a whole upload has a deadline', async (t) => {
  const upstream = await startUpstream(t, () => {})
  const client = startClient(t, upstream.baseUrl, { uploadTotalMs: 50 })
  const stream = new PassThrough()
  stream.write(Buffer.alloc(1))
  const error = await failure(client.usageFiles.upload('UF-1', { stream, length: 2, contentType }, context()))
  t.match(error, { kind: 'timeout', phase: 'total' })
  await upstream.allClosed()
})

t.test('memory does not grow with the size of a body', async (t) => {
  const upstream = await startUpstream(t, ({ socket, headers, received }) => {
    let left = Number(headers['content-length']) - received()
    socket.removeAllListeners('data')
    socket.on('data', (chunk) => {
      left -= chunk.length
      if (left <= 0) socket.end(jsonAnswer(201, { id: 'UF-1' }))
    })
  })
  const client = startClient(t, upstream.baseUrl)
  const chunk = Buffer.alloc(64 * 1024)
  let made = 0
  let peak = 0
  const before = process.memoryUsage().arrayBuffers
  const stream = new Readable({
    read () {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers - before)
      made += chunk.length
      this.push(made <= 384 * MIB ? Buffer.from(chunk) : null)
    }
  })
  stream.once('end', () => t.pass('read to its end'))
  await client.usageFiles.upload('UF-1', { stream, length: 384 * MIB, contentType }, context())
  t.ok(peak < 128 * MIB, `${Math.round(peak / MIB)} MiB at most`)
  if (!stream.closed) await once(stream, 'close')
})
