/**
 * Callers that keep their slots: slow uploads, and downloads that are not read. They run in a process of their own,
 * so that their work does not slow down the process that measures.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyOf } from '../contenders/service.js'
import { SERVICE } from './apis.js'
import { MIB } from './upload.js'

const BOUNDARY = 'bench-0123456789'
const PART = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="usage.xlsx"\r\n\r\nPK\x03\x04`,
  'latin1'
)
/** More than the service holds in memory before it calls Connect, so that the upload takes a slot of that call, too. */
const AT_ONCE = Buffer.concat([PART, Buffer.alloc(320 * 1024)])
/** Four times the minimum data rate, which is 1 KiB a second. */
const PIECE = { bytes: Buffer.alloc(1024), everyMs: 250 }
const UPLOAD_BYTES = 8 * MIB
const CHUNK = 'UFC-2026-10-0000-0001-001'

/**
 * Starts `each` uploads and `each` downloads, each with its own key. A refused one tries again after Retry-After.
 * `stop` ends all and gives the number of refusals.
 * @returns {{ stop: () => Promise<number> }}
 */
export function startCrowd (origin, each) {
  const child = fork(new URL(import.meta.url), [origin, String(each)])
  const ended = once(child, 'exit')
  return {
    async stop () {
      const told = once(child, 'message')
      child.send('stop')
      const [refusals] = await told
      await ended
      return refusals
    }
  }
}

if (process.send !== undefined && process.argv[1] === new URL(import.meta.url).pathname) {
  const [origin, each] = process.argv.slice(2)
  const crowd = beCrowd(origin, Number(each))
  process.once('message', () => {
    crowd.stop()
    process.send(crowd.refusals.uploads + crowd.refusals.downloads, () => process.exit(0))
  })
  // The bench ended without `stop`.
  process.once('disconnect', () => process.exit(1))
}

function beCrowd (origin, each) {
  const refusals = { uploads: 0, downloads: 0 }
  const sockets = new Set()
  let isOver = false
  const keep = async (what, hold, n) => {
    while (!isOver) {
      const waitSeconds = await hold(origin, n, sockets, () => isOver)
      if (waitSeconds === null || isOver) continue
      refusals[what] += 1
      await sleep(waitSeconds * 1000)
    }
  }
  for (let n = 0; n < each; n += 1) {
    void keep('uploads', holdUpload, n)
    void keep('downloads', holdDownload, n)
  }
  return {
    refusals,
    stop () {
      isOver = true
      for (const socket of sockets) socket.destroy()
    }
  }
}

async function holdUpload (origin, n, sockets, isOver) {
  const head = `POST ${SERVICE.uploadPath} HTTP/1.1\r\nhost: bench\r\nx-api-key: ${keyOf('vendor', n)}\r\n` +
    `connection: close\r\ncontent-type: multipart/form-data; boundary=${BOUNDARY}\r\n` +
    `content-length: ${UPLOAD_BYTES}\r\n\r\n`
  const call = open(origin, head, sockets)
  call.socket.write(AT_ONCE)
  while (!isOver() && !call.isAnswered()) {
    await sleep(PIECE.everyMs)
    if (!call.socket.destroyed) call.socket.write(PIECE.bytes)
  }
  call.socket.destroy()
  return call.retryAfter()
}

async function holdDownload (origin, n, sockets, isOver) {
  const call = open(
    origin,
    `GET /v1/usage-chunks/${CHUNK}/file HTTP/1.1\r\nhost: bench\r\nx-api-key: ${keyOf('provider', n)}\r\n\r\n`,
    sockets
  )
  while (!isOver() && !call.socket.destroyed) {
    await sleep(PIECE.everyMs)
    // A refusal, or the first bytes of a workbook, of which no more are read.
    if (call.isAnswered()) {
      if (call.retryAfter() !== null) break
      call.socket.pause()
    }
  }
  call.socket.destroy()
  return call.retryAfter()
}

function open (origin, head, sockets) {
  const socket = connect({ port: new URL(origin).port, host: '127.0.0.1' })
  sockets.add(socket)
  let text = ''
  socket.on('data', chunk => {
    if (text.length < 4096) text += chunk.toString('latin1', 0, 4096)
  })
  socket.on('error', () => {})
  socket.once('close', () => sockets.delete(socket))
  socket.write(head)
  return {
    socket,
    isAnswered: () => text !== '',
    /** Seconds of Retry-After; null if the answer is neither 503 nor 429. */
    retryAfter: () =>
      /^HTTP\/1\.1 (?:503|429)/.test(text) ? Number(/\r\nretry-after: *(\d+)/i.exec(text)?.[1] ?? 1) : null
  }
}
