import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { sha256Hex } from '../../src/credentials/callers.ts'
import { until } from '../helper.ts'
import { workbookOf, KIB, MIB } from '../uploads/forms.ts'
import { connectTo, type WireClient } from '../uploads/wire.ts'

const main = fileURLToPath(new URL('../../src/server.js', import.meta.url))
const livingBytesHook = new URL('living-bytes.js', import.meta.url).href
const FILE_ID = 'UF-2026-11-0000-0001'
const KEY = 'smoke-key-0123456789'
const BOUNDARY = 'b0undary'
/** The size of the uploaded file in MiB. `npm run test:full` takes 1,024. */
const MEBIBYTES = Number(process.env['UPLOAD_MEBIBYTES'] ?? 128)
const CEILING = 48 * MIB
/** How many bytes 300 uploads that were given up may leave in use: 4 KiB for each would be a leak. */
const LEFT_OVER = 300 * 4 * KIB

interface Received { declared: number, bytes: number, isWhole: boolean, fileBytes: number, fileSha256: string }

/**
 * Starts a stand-in for Connect that reads bodies and forgets them. Of each upload it keeps the lengths, and the
 * SHA-256 of the file in the form that the service sends.
 */
async function startSwallower (t: Test): Promise<{ port: number, received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ id: FILE_ID, status: 'draft', name: 'Smoke' }))
      return
    }
    const entry: Received = {
      declared: Number(request.headers['content-length']),
      bytes: 0,
      isWhole: false,
      fileBytes: 0,
      fileSha256: ''
    }
    received.push(entry)
    const closingBytes = `\r\n--${String(request.headers['content-type']).split('boundary=')[1] ?? ''}--`.length
    const hash = createHash('sha256')
    let start = -1
    // The form that the service sends for a streamed file ends with as many bytes after its closing delimiter as the
    // form of the caller: two.
    const end = entry.declared - closingBytes - 2
    request.on('data', (chunk: Buffer) => {
      if (start === -1) start = chunk.indexOf('\r\n\r\n') + 4
      const part = chunk.subarray(Math.max(0, start - entry.bytes), Math.max(0, end - entry.bytes))
      hash.update(part)
      entry.fileBytes += part.length
      entry.bytes += chunk.length
    })
    request.on('error', () => {})
    request.on('end', () => {
      Object.assign(entry, { isWhole: true, fileSha256: hash.digest('hex') })
      response
        .setHeader('content-type', 'application/json')
        .writeHead(201)
        .end(JSON.stringify({ id: FILE_ID, status: 'uploading', records: {} }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, received }
}

interface Service { process: ChildProcess, port: number, spool: string }

async function startService (t: Test, connectPort: number): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), 'bff-smoke-'))
  const spool = mkdtempSync(join(tmpdir(), 'bff-smoke-spool-'))
  const callers = {
    accounts: { acme: { role: 'vendor', accountId: 'VA-100-200', apiKey: 'ApiKey SU-100-200-300:smoke' } },
    callers: [
      {
        id: 'smoke',
        account: 'acme',
        scopes: ['usage:read', 'usage:write'],
        keys: [{ id: 'k1', sha256: sha256Hex(KEY), expiresAt: null }]
      }
    ]
  }
  writeFileSync(join(folder, 'callers.json'), JSON.stringify(callers))
  const child = spawn(process.execPath, ['--expose-gc', '--import', livingBytesHook, main], {
    env: {
      PATH: process.env['PATH'] ?? '',
      TMPDIR: spool,
      HOST: '127.0.0.1',
      PORT: '0',
      CALLERS_FILE: join(folder, 'callers.json'),
      CONNECT_BASE_URL: `http://127.0.0.1:${connectPort}/public/v1`,
      UPLOAD_MAX_BYTES: String(2 * KIB * MIB),
      RATE_LIMIT_PER_MINUTE: '1000000'
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc']
  })
  let out = ''
  child.stdout?.on('data', (chunk: Buffer) => { if (out.length < 10_000) out += chunk.toString() })
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true })
    rmSync(spool, { recursive: true })
  })
  await until(() => /listening at http:\/\/127\.0\.0\.1:\d+/.test(out), 'the service to listen')
  return { process: child, port: Number(/127\.0\.0\.1:(\d+)/.exec(out)?.[1]), spool }
}

function rssOf (service: Service): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]) * KIB
}

/** Begins to watch the resident memory. The function that it gives returns the peak since then, in bytes. */
function watchPeak (service: Service): () => number {
  writeFileSync(`/proc/${service.process.pid}/clear_refs`, '5')
  return () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${service.process.pid}/status`, 'utf8'))?.[1]) * KIB
}

const CHUNK = workbookOf(MIB)
const PART = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="big.xlsx"\r\n\r\n`
const CLOSING = `\r\n--${BOUNDARY}--\r\n`

/** Sends a form with a file of so many MiB. With `givenBytes` it sends only so many bytes of the file, and no end. */
async function upload (client: WireClient, mebibytes: number, isChunked: boolean, givenBytes?: number): Promise<void> {
  const length = PART.length + mebibytes * MIB + CLOSING.length
  const framing = isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(length) }
  await client.sendHead({
    path: `/v1/usage-files/${FILE_ID}/upload`,
    key: KEY,
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}`, ...framing }
  })
  const send = async (bytes: Buffer): Promise<void> => {
    await (isChunked ? client.sendChunked(bytes, 'whole', false) : client.sendBody(bytes))
  }
  await send(Buffer.from(PART))
  if (givenBytes !== undefined) return await send(CHUNK.subarray(0, givenBytes))
  for (let i = 0; i < mebibytes; i += 1) await send(CHUNK)
  await send(Buffer.from(CLOSING))
  if (isChunked) await client.send('0\r\n\r\n')
}

function digestOf (mebibytes: number): string {
  const hash = createHash('sha256')
  for (let i = 0; i < mebibytes; i += 1) hash.update(CHUNK)
  return hash.digest('hex')
}

/** Gives the lowest resident memory within a second, in bytes. */
async function restingRss (service: Service): Promise<number> {
  let lowest = rssOf(service)
  const end = Date.now() + 1_000
  await until(() => {
    lowest = Math.min(lowest, rssOf(service))
    return Date.now() > end
  }, 'a second of rest')
  return lowest
}

/**
 * Gives the bytes in use after a collection of garbage. Waits a second before, so that connections that were reset have
 * ended.
 */
async function livingBytes (service: Service): Promise<number> {
  await restingRss(service)
  const told = once(service.process, 'message')
  service.process.kill('SIGUSR2')
  return Number((await told)[0])
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`

t.setTimeout(280_000)
t.test(
  'memory does not grow with the file',
  { skip: process.platform === 'linux' ? false : 'reads /proc' },
  async t => {
    const connect = await startSwallower(t)
    const service = await startService(t, connect.port)
    const client = await connectTo(t, service.port)
    const cold = await restingRss(service)
    await upload(client, 64, false)
    t.match(await client.answer(), { status: 202 })
    const idle = await restingRss(service)
    for (const [mebibytes, isChunked] of [
      [MEBIBYTES, false],
      [MEBIBYTES / 2, true]
    ] as const) {
      const peakOf = watchPeak(service)
      const startedAt = Date.now()
      await upload(client, mebibytes, isChunked)
      t.match(await client.answer(), { status: 202 })
      const peak = peakOf()
      t.comment(
        `${mebibytes} MiB in ${Date.now() - startedAt} ms: peak ${mib(peak)}, ${mib(peak - idle)} over idle, ` +
        `${mib(peak - cold)} over a start without uploads`
      )
      t.ok(peak - idle <= CEILING, mib(peak - idle))
      const last = connect.received.at(-1)
      t.match(last, {
        isWhole: true,
        bytes: last?.declared,
        fileBytes: mebibytes * MIB,
        fileSha256: digestOf(mebibytes)
      })
      t.same(readdirSync(service.spool), [])
    }

    const giveUp = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i += 1) {
        const one = await connectTo(t, service.port)
        const seen = connect.received.length
        await upload(one, 8, i % 2 === 1, 400 * KIB)
        if (i % 2 === 0) await until(() => connect.received.length > seen, 'the upload to begin')
        one.socket.resetAndDestroy()
      }
    }
    await giveUp(150)
    const before = await livingBytes(service)
    await giveUp(300)
    const leftOver = await livingBytes(service) - before
    t.ok(leftOver < LEFT_OVER, `300 uploads given up leave ${mib(leftOver)}`)
    t.ok(await restingRss(service) - idle <= 2 * CEILING, 'the process is not much larger than before')
    t.equal(connect.received.filter(({ isWhole }) => isWhole).length, 3, 'none of them came whole')
    t.equal(service.process.exitCode, null)
  }
)
