import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { context, failure, jsonAnswer, startClient, startUpstream } from './upstream.ts'
import { accept, arrived, chunksOf, contentType, MIB } from './uploads-fixture.ts'

function sha256 (data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
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
