import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { context, failure, startClient, startUpstream } from './upstream.ts'
import { XLSX, ZIP_START } from '../../src/media-types.ts'

const MIB = 1024 * 1024
const START = ZIP_START.toString('latin1')
const file = Buffer.concat([ZIP_START, randomBytes(2 * MIB - ZIP_START.length)])

function head (extra: Readonly<Record<string, string>>, status = 200): string {
  const headers = { 'content-type': XLSX, ...extra }
  return `HTTP/1.1 ${status} X\r\n${Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`
}

function sha256 (data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}

t.test('a file arrives byte for byte, with or without a length', async (t) => {
  const upstream = await startUpstream(t, ({ socket, index }) => {
    if (index === 0) {
      socket.write(head({ 'content-length': String(file.length) }))
      socket.write(file)
    } else {
      socket.write(head({ 'transfer-encoding': 'chunked' }))
      socket.write(`${file.length.toString(16)}\r\n`)
      socket.write(file)
      socket.write('\r\n0\r\n\r\n')
    }
  })
  const client = startClient(t, upstream.baseUrl)
  for (const length of [file.length, null]) {
    const { stream, contentType, contentLength } = await client.usageChunks.download('UFC-1', context())
    t.same([contentType, contentLength], [XLSX, length])
    t.equal(client.stats().download.running, 1, 'the place is held while the file is read')
    t.equal(sha256(await buffer(stream)), sha256(file))
    t.equal(client.stats().download.running, 0)
  }
})

t.test('a file that is cut ends with an error', async (t) => {
  const ways: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ 'content-length': '1000' }, START + 'x'.repeat(995)],
    [{ 'content-length': '1000', connection: 'close' }, START + 'x'.repeat(995)],
    [{ 'transfer-encoding': 'chunked' }, `3e7\r\n${START}${'x'.repeat(995)}\r\n`],
    [{ 'transfer-encoding': 'chunked', connection: 'close' }, `3e7\r\n${START}${'x'.repeat(995)}\r\n`]
  ]
  for (const [headers, body] of ways) {
    for (const how of ['end', 'resetAndDestroy'] as const) {
      const upstream = await startUpstream(t, ({ socket }) => {
        socket.write(head(headers))
        socket.write(body, () => { setImmediate(() => socket[how]()) })
      })
      const client = startClient(t, upstream.baseUrl)
      const { stream } = await client.reconciliations.downloadProcessed('RCF-1', context())
      let ended = false
      stream.on('end', () => { ended = true })
      t.match(await failure(buffer(stream)), { name: 'ConnectResetError', kind: 'reset', sent: 'yes', status: 200 })
      t.notOk(ended)
      t.match(client.stats().download, { running: 0 })
    }
  }
})

t.test('a reader that leaves ends the call to Connect', async (t) => {
  const upstream = await startUpstream(t, ({ socket }) => {
    socket.write(head({ 'content-length': String(1024 * MIB) }))
    socket.write(file)
  })
  const client = startClient(t, upstream.baseUrl)
  for (let i = 0; i < 20; i += 1) {
    const { stream } = await client.usageChunks.download('UFC-1', context())
    await once(stream, 'readable')
    stream.destroy()
    await once(stream, 'close')
  }
  await upstream.allClosed()
  t.equal(upstream.connections(), 20)
  t.match(client.stats().download, { connected: 0, running: 0, pending: 0 })
})

t.test('the signal of the caller ends a running download', async (t) => {
  const upstream = await startUpstream(t, ({ socket }) => {
    socket.write(head({ 'content-length': String(MIB) }))
    socket.write(START)
  })
  const client = startClient(t, upstream.baseUrl)
  const away = new AbortController()
  const { stream } = await client.usageChunks.download('UFC-1', context({ signal: away.signal }))
  const reading = failure(buffer(stream))
  away.abort()
  t.match(await reading, { kind: 'aborted', sent: 'yes', status: 200 })
  await upstream.allClosed()
})

t.test('a slow reader slows down Connect', async (t) => {
  let isHeldBack = false
  const upstream = await startUpstream(t, ({ socket }) => {
    socket.write(head({ 'content-length': String(64 * MIB + ZIP_START.length) }) + START)
    let left = 64
    const more = (): void => {
      while (left > 0) {
        left -= 1
        if (!socket.write(Buffer.alloc(MIB))) return
      }
    }
    socket.on('drain', more)
    more()
    setImmediate(() => { isHeldBack = left > 0 })
  })
  const client = startClient(t, upstream.baseUrl)
  const { stream } = await client.usageChunks.download('UFC-1', context())
  while (!isHeldBack) await turn()
  t.ok(stream.readableLength <= MIB)
  let read = 0
  for await (const chunk of stream) read += (chunk as Buffer).length
  t.equal(read, 64 * MIB + ZIP_START.length)
})

t.test('a whole file has a deadline, and a silent file ends earlier', async (t) => {
  const upstream = await startUpstream(t, ({ socket }) => { socket.write(head({ 'content-length': '10' }) + START) })
  const byDeadline = startClient(t, upstream.baseUrl, { limits: { downloadTotalMs: 500 } })
  const { stream } = await byDeadline.usageChunks.download('UFC-1', context())
  t.match(await failure(buffer(stream)), { kind: 'timeout', phase: 'total' })

  const limits = { download: { connections: 1, headersMs: 1000, bodyIdleMs: 50, isFresh: false } }
  const bySilence = await startClient(t, upstream.baseUrl, { limits }).usageChunks.download('UFC-1', context())
  t.match(await failure(buffer(bySilence.stream)), { kind: 'timeout', phase: 'body' })
})

t.test('a file below the minimum data rate is ended, and a slow reader is waited for', async (t) => {
  const upstream = await startUpstream(t, ({ socket, path }) => {
    socket.write(head({ 'content-length': String(4 * MIB + ZIP_START.length) }) + START)
    if (path.includes('UFC-1')) {
      const drip = setInterval(() => socket.write('x'), 20)
      socket.on('close', () => clearInterval(drip))
    } else {
      socket.write(Buffer.alloc(4 * MIB))
    }
  })
  const client = startClient(t, upstream.baseUrl, { limits: { rateCheckMs: 200 } })
  const { stream } = await client.usageChunks.download('UFC-1', context())
  t.match(await failure(buffer(stream)), { kind: 'timeout', phase: 'body', status: 200 })
  const slow = await client.usageChunks.download('UFC-2', context())
  let read = 0
  for await (const chunk of slow.stream) {
    if (read % (512 * 1024) === 0) await new Promise((resolve) => setTimeout(resolve, 250))
    read += (chunk as Buffer).length
  }
  t.equal(read, 4 * MIB + ZIP_START.length)
})

t.test('an answer that is not a workbook is refused, and its body is not kept', async (t) => {
  const cases: readonly (readonly [string, Record<string, unknown>])[] = [
    [head({ 'content-type': 'text/html', 'content-length': '6' }) + 'canary', { reason: 'content-type' }],
    [head({ 'content-type': 'application/json', 'content-length': '7' }) + '{"a":1}', { reason: 'content-type' }],
    [head({ 'content-length': '0' }), { reason: 'empty' }],
    [head({ 'transfer-encoding': 'chunked' }) + '0\r\n\r\n', { reason: 'empty' }],
    [head({ 'content-length': '3' }) + 'PK\x03', { reason: 'empty' }],
    [head({ 'content-length': '4' }) + 'PK\x05\x06', { reason: 'not-a-workbook' }],
    [head({ 'content-type': 'application/x', 'content-length': '6' }) + '<html>', { reason: 'not-a-workbook' }],
    ['HTTP/1.1 200 X\r\ncontent-length: 6\r\n\r\n\x1f\x8b\x08\x00\x00\x00', { reason: 'not-a-workbook' }],
    [head({ connection: 'close' }) + 'endless', { reason: 'no-length' }],
    [head({ 'content-length': '1', 'content-encoding': 'gzip' }) + 'x', { reason: 'encoding' }],
    [head({ 'content-length': '1' }, 206) + 'x', { reason: 'status', status: 206 }],
    [head({ 'content-length': '0', location: 'http://169.254.169.254/' }, 302), { reason: 'redirect' }],
    [
      head({ 'content-type': 'application/json', 'content-length': '24' }, 404) + '{"error_code":"VAL_002"}',
      { kind: 'response', status: 404, errorCode: 'VAL_002' }
    ],
    [head({ 'content-length': '200000' }, 500) + 'x'.repeat(200_000), { reason: 'too-large', status: 500 }]
  ]
  for (const [answer, expected] of cases) {
    const upstream = await startUpstream(t, ({ socket }) => { socket.write(answer) })
    const client = startClient(t, upstream.baseUrl)
    t.match(await failure(client.usageChunks.download('UFC-1', context())), { kind: 'bad-payload', ...expected })
    while (client.stats().download.running > 0) await turn()
    t.ok(upstream.openSockets() <= 1)
  }
})

t.test('a download is tried again until its first byte is passed on', async (t) => {
  const upstream = await startUpstream(t, ({ socket, index }) => {
    if (index === 0) socket.resetAndDestroy()
    else if (index === 1) socket.write(head({ 'content-length': '0' }, 503))
    else socket.write(head({ 'content-length': '4' }) + START)
  })
  const ctx = context()
  const { stream } = await startClient(t, upstream.baseUrl).usageChunks.download('UFC-1', ctx)
  t.equal((await buffer(stream)).toString(), START)
  t.match(ctx.seen, [
    { attempt: 1, status: null, failure: 'reset' },
    { attempt: 2, status: 503, failure: 'response' },
    { attempt: 3, status: 200, failure: null }
  ])
})

t.test('a file that fails between its head and its first byte fails only that call', async (t) => {
  const uncaught: unknown[] = []
  const note = (error: unknown): void => { uncaught.push(error) }
  process.on('uncaughtException', note)
  t.teardown(() => { process.off('uncaughtException', note) })
  let heads = 0
  const upstream = await startUpstream(t, ({ socket, index }) => {
    socket.write(head({ 'content-length': '1000' }), () => {
      heads += 1
      if (index === 0) setImmediate(() => socket.resetAndDestroy())
    })
  })
  const client = startClient(t, upstream.baseUrl, { limits: { maxRetries: 0 } })
  t.match(await failure(client.usageChunks.download('UFC-1', context())), { kind: 'reset' })
  const caller = new AbortController()
  const left = failure(client.usageChunks.download('UFC-1', { ...context(), signal: caller.signal }))
  while (heads < 2) await turn()
  // The head is on its way: the client has it a moment later, and the caller leaves after that.
  while (client.stats().download.running === 0) await turn()
  await new Promise((resolve) => { setTimeout(resolve, 50) })
  caller.abort()
  t.match(await left, { kind: 'aborted' })
  await turn()
  t.same(uncaught, [])
  await upstream.allClosed()
  t.equal(client.stats().download.running, 0)
})

t.test('the first bytes may come one by one, and are checked when all four are there', async (t) => {
  const upstream = await startUpstream(t, async ({ socket, path }) => {
    const body = path.includes('UFC-1') ? `${START}rest` : '<html>no'
    socket.write(head({ 'content-length': '8' }))
    for (const letter of body) {
      socket.write(letter)
      await new Promise((resolve) => { setTimeout(resolve, 10) })
    }
  })
  const client = startClient(t, upstream.baseUrl)
  const { stream } = await client.usageChunks.download('UFC-1', context())
  t.equal((await buffer(stream)).toString('latin1'), `${START}rest`)
  t.match(await failure(client.usageChunks.download('UFC-2', context())), { reason: 'not-a-workbook', status: 200 })
  await turn()
  t.equal(client.stats().download.running, 0)
})
