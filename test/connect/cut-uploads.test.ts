import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { UploadBody } from '../../src/connect/client.ts'
import { context, failure, startClient, startUpstream } from './upstream.ts'
import { accept, arrived, chunksOf, contentType, MIB } from './uploads-fixture.ts'

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
