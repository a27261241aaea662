import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { declaresBody, refusedType } from '../body-type.ts'

const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE']
/** After the answer, the rest of a body is read for at most so long, so that the caller can read the answer. */
const LINGER_MS = 20_000
const LINGER_SILENCE_MS = 2_000
/** The longest wait for the first byte of a chunked body of a refused type. An empty body is not refused. */
const MAX_FIRST_BYTE_MS = 2_000

/** The requests whose callers wait for `100 Continue`. */
const waiting = new WeakSet<IncomingMessage>()
const closing = new WeakSet<Socket>()

/**
 * Refuses a body with a Content-Encoding, and a body of a type that the operation does not take. A body that
 * `isWithoutBody` finds empty may have any type. Sends `100 Continue` when the body is read, not before. Closes, after
 * the answer, a connection on which a body has not arrived whole, because it would never answer its next request
 * (fastify/fastify-multipart#497).
 */
export const bodies = fp(async (app) => {
  const server = app.server as Server
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    continueAtFirstRead(request, response)
    server.emit('request', request, response)
  })
  app.addHook('onRequest', (request, _reply, done) => {
    // The answer to an earlier request closes this connection. An injected request has no property `writable`.
    if (request.raw.socket.writable === false) throw new AppError('MALFORMED_BODY', 'The connection is closing.')
    const coding = request.headers['content-encoding']
    if (coding !== undefined && coding.toLowerCase() !== 'identity' && declaresBody(request.raw)) {
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.', {
        extra: { acceptEncoding: 'identity' }
      })
    }
    done()
  })
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const refused = METHODS_WITH_BODY.includes(request.method) ? refusedType(request) : null
    if (refused === null) return done(null, payload)
    void isWithoutBody(request.raw).then(isWithout => { done(isWithout ? null : refused, payload) })
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request
    if (!declaresBody(raw) || raw.readableEnded || raw.destroyed) return done(null, payload)
    waiting.delete(raw)
    raw.unpipe()
    raw.resume()
    // An injected request (of a test) has no connection to close.
    if (!raw.complete && 'destroySoon' in raw.socket) {
      reply.header('connection', 'close')
      linger(raw)
    }
    done(null, payload)
  })
}, { name: 'bodies' })

/**
 * Whether a request has no body, or an empty one. If so, removes Content-Type and Transfer-Encoding, so that Fastify
 * looks for no parser.
 */
async function isWithoutBody (raw: IncomingMessage): Promise<boolean> {
  const { headers } = raw
  if (declaresBody(raw) && (headers['transfer-encoding'] === undefined || !await isEmpty(raw))) return false
  delete headers['content-type']
  delete headers['transfer-encoding']
  return true
}

/**
 * Whether a body ends without a byte. False also when the caller waits for `100 Continue`, and when neither a byte nor
 * the end comes within MAX_FIRST_BYTE_MS.
 */
async function isEmpty (raw: IncomingMessage): Promise<boolean> {
  if (raw.headers.expect !== undefined) return false
  return await new Promise(resolve => {
    const end = (isEmpty: boolean): void => {
      clearTimeout(timer)
      raw.off('readable', onReadable).off('end', onEnd).off('close', onClose)
      resolve(isEmpty)
    }
    const onReadable = (): void => { if (raw.read() !== null) end(false) }
    const onEnd = (): void => { end(true) }
    const onClose = (): void => { end(false) }
    const timer = setTimeout(end, MAX_FIRST_BYTE_MS, false)
    raw.on('readable', onReadable).once('end', onEnd).once('close', onClose)
  })
}

/**
 * Sends `100 Continue` when the body is read for the first time. Node would send it at once, and the caller could send
 * a whole workbook before the request is refused.
 */
function continueAtFirstRead (request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request)
  waiting.add(request)
  request._read = size => {
    if (waiting.delete(request) && !response.headersSent) response.writeContinue()
    read(size)
  }
}

/**
 * Delays the close of the socket. After the answer only our side of the connection is closed. The socket closes when
 * the body has ended, after LINGER_SILENCE_MS without a byte, or after LINGER_MS. Node would close the socket at once.
 * For bytes that arrive after that, the kernel resets the connection, and a caller that is still sending may never read
 * the answer.
 */
function linger (raw: IncomingMessage): void {
  const { socket } = raw
  // The connection is being closed already.
  if (closing.has(socket)) return
  closing.add(socket)
  const destroySoon = socket.destroySoon.bind(socket)
  let isOver = false
  const end = (): void => {
    isOver = true
    if (socket.writableEnded) destroySoon()
  }
  const timers = [setTimeout(end, LINGER_MS), setTimeout(end, LINGER_SILENCE_MS)]
  raw.on('data', () => { timers[1]?.refresh() })
  raw.once('end', end)
  socket.once('close', () => { timers.forEach(clearTimeout) })
  socket.destroySoon = () => {
    if (isOver) destroySoon()
    else socket.end()
  }
}
