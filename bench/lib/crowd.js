/**
 * Callers that hold on to what they get: uploads that trickle, downloads that nobody reads. In a process of their own:
 * whoever measures would wait for their writing otherwise, and take it for the service's.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyOf } from '../contenders/service.js'
import { SERVICE } from './faces.js'
import { MIB } from './upload.js'

const BOUNDARY = 'bench-0123456789'
const PART = Buffer.from(
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="usage.xlsx"\r\n\r\nPK\x03\x04`,
  'latin1'
)
/** More than the service holds before it goes to Connect: the upload has a place there, too. */
const AT_ONCE = Buffer.concat([PART, Buffer.alloc(320 * 1024)])
/** Well above the least that is asked of a caller, 1 KiB a second. */
const DRIP = { bytes: Buffer.alloc(1024), everyMs: 250 }
const UPLOAD_BYTES = 8 * MIB
const CHUNK = 'UFC-2026-10-0000-0001-001'

/**
 * So many of each, each with a key of its own. Whoever is refused comes back as told, until `stop`, which tells how
 * often that was.
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
  // The bench has ended otherwise.
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
    await sleep(DRIP.everyMs)
    if (!call.socket.destroyed) call.socket.write(DRIP.bytes)
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
    await sleep(DRIP.everyMs)
    // Refused, or the beginning of a workbook: then not one more byte is taken.
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
    /** Null unless it was refused for want of room. */
    retryAfter: () =>
      /^HTTP\/1\.1 (?:503|429)/.test(text) ? Number(/\r\nretry-after: *(\d+)/i.exec(text)?.[1] ?? 1) : null
  }
}
