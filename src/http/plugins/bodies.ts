import type { IncomingMessage } from 'node:http'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

/**
 * How long an unwanted body is still read after its answer, so that the caller can read that: in all, and in silence.
 */
const LINGER_MS = 20_000
const LINGER_SILENCE_MS = 2_000

/**
 * Rules for every request body: no content coding, and no connection kept that still holds one. A keep-alive socket
 * whose body was left unread would never answer its next request (fastify/fastify-multipart#497).
 */
export const bodies = fp(async (app) => {
  app.addHook('onRequest', (request, _reply, done) => {
    // Sent behind a body whose answer closed the connection: nobody could be told what came of it. An injected request
    // has no such property.
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
 * Closes the connection in steps: the answer, then our end of it, and the rest only when the caller has stopped
 * sending. Node closes all at once; the bytes still arriving then make the kernel reset the connection, and a caller
 * that is writing never sees its answer.
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
