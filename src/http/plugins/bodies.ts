import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

/**
 * After an early answer the service goes on reading the rest of the body, so that the caller can read the answer. It
 * stops after this time in all, or after this time without a byte. In milliseconds.
 */
const LINGER_MS = 20_000
const LINGER_SILENCE_MS = 2_000

/**
 * Rules for every request body: it has no content coding, and a connection with an unread body is closed after the
 * answer. A keep-alive connection with an unread body would never answer its next request
 * (fastify/fastify-multipart#497).
 */
export const bodies = fp(async (app) => {
  app.addHook('onRequest', (request, _reply, done) => {
    // The answer to an earlier request closes this connection, so this request could get no answer. An injected
    // request has no property `writable`.
    if (request.raw.socket.writable === false) throw new AppError('MALFORMED_BODY', 'The connection is closing.')
    const coding = request.headers['content-encoding']
    if (coding !== undefined && coding.toLowerCase() !== 'identity') {
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.', {
        extra: { acceptEncoding: 'identity' }
      })
    }
    done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { raw } = request
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
    if (!hasBody || raw.readableEnded || raw.destroyed) return done(null, payload)
    raw.unpipe()
    raw.resume()
    // An injected request has no connection to close.
    if (!raw.complete && 'destroySoon' in raw.socket) {
      reply.header('connection', 'close')
      linger(raw)
    }
    done(null, payload)
  })
}, { name: 'bodies' })

/**
 * Makes the connection close in steps: first the answer is sent, then our side closes, and the socket closes when the
 * caller has stopped sending. Node closes the socket at once. If more bytes arrive then, the kernel resets the
 * connection, and a caller that is still sending never reads the answer.
 */
function linger (raw: IncomingMessage): void {
  const { socket } = raw
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
