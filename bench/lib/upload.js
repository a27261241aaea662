/** Uploads a file through a raw socket: writes the same megabyte again until the file has its size. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export const MIB = 1024 * 1024
/** As curl makes it. Other clients' boundaries are about as long; the time of a search depends on the length. */
const BOUNDARY = '------------------------4OvyQWBxsP2fhJ9bLCQKwz'
const CLOSING = Buffer.from(`\r\n--${BOUNDARY}--\r\n`)
const MAX_TRIES = 200

/** The record that ends a zip. The service looks for it in files that it holds whole. */
const ZIP_END = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])

/** Begins as a workbook does. The other bytes are random: they cannot be compressed and hold no delimiter. */
const PIECE = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), randomBytes(MIB - 4)])

/** Gives the SHA-256 of a file of so many bytes as `upload` sends it. */
export function digestOf (bytes) {
  const hash = createHash('sha256')
  for (const piece of pieces(bytes)) hash.update(piece)
  return hash.digest('hex')
}

function * pieces (bytes) {
  for (let left = bytes - ZIP_END.length; left > 0; left -= PIECE.length) {
    yield left >= PIECE.length ? PIECE : PIECE.subarray(0, left)
  }
  yield ZIP_END
}

/**
 * Uploads one file. After 503 or 429 it uploads again, once the seconds of Retry-After have passed.
 * @param {number} caller number of the caller of the service
 * @returns {Promise<{ refusals: number }>} how often the server answered 503 or 429
 */
export async function upload (origin, api, bytes, caller = 0) {
  for (let refusals = 0; refusals < MAX_TRIES; refusals += 1) {
    const { status, retryAfter, text } = await uploadOnce(origin, api, bytes, caller)
    if (status === 201 || status === 202) return { refusals }
    assert.ok(status === 503 || status === 429, `upload: ${status} ${text}`)
    await sleep(retryAfter * 1000)
  }
  throw new Error('an upload was refused too often')
}

async function uploadOnce (origin, api, bytes, caller) {
  const { port } = new URL(origin)
  const part = Buffer.from(
    `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${api.uploadField}"; filename="usage.xlsx"\r\n` +
    'Content-Type: application/octet-stream\r\n\r\n'
  )
  const length = part.length + bytes + CLOSING.length
  const headers = Object.entries({
    host: `127.0.0.1:${port}`,
    'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
    'content-length': length,
    connection: 'close',
    ...api.uploadHeaders(caller)
  })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  let isOver = false
  // Some proxies ignore `Connection: close`, so the socket is closed here when the answer is complete.
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk
    if (isComplete(text)) socket.destroy()
  })
  // The server may refuse and close the connection before all bytes are sent.
  socket.on('error', () => {})
  const over = new Promise(resolve => {
    socket.on('close', () => {
      isOver = true
      resolve()
    })
  })
  socket.write(`POST ${api.uploadPath} HTTP/1.1\r\n${headers}\r\n`)
  socket.write(part)
  for (const piece of pieces(bytes)) {
    if (isOver || text !== '') break
    if (!socket.write(piece)) await Promise.race([new Promise(resolve => socket.once('drain', resolve)), over])
  }
  if (!isOver && text === '') socket.write(CLOSING)
  await over
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]),
    retryAfter: Number(/\r\nretry-after: *(\d+)/i.exec(text)?.[1] ?? 1),
    text: text.slice(0, 500)
  }
}

function isComplete (text) {
  const head = text.indexOf('\r\n\r\n')
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head + 2))?.[1]
  return head !== -1 && length !== undefined && text.length - head - 4 >= Number(length)
}
