import fp from 'fastify-plugin'
import { AppError } from '../errors/app-error.ts'

/** How long and how much of an unwanted body is still read, so that the caller can read its answer. */
const LINGER_MS = 2_000
const LINGER_BYTES = 1024 * 1024

/**
 * Rules for every request body: no content coding, and no connection kept that still holds one. A keep-alive socket
 * whose body was left unread would never answer its next request (fastify/fastify-multipart#497).
 */
export const bodies = fp(async (app) => {
  app.addHook('onRequest', async (request) => {
    const coding = request.headers['content-encoding']
    if (coding !== undefined && coding.toLowerCase() !== 'identity') {
      throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body without a Content-Encoding.', { extra: { acceptEncoding: 'identity' } })
    }
  })
  app.addHook('onSend', async (request, reply, payload) => {
    const { raw } = request
    const hasBody = raw.headers['transfer-encoding'] !== undefined || Number(raw.headers['content-length'] ?? 0) > 0
    if (!hasBody || raw.readableEnded || raw.destroyed) return payload
    reply.header('connection', 'close')
    let left = LINGER_BYTES
    raw.unpipe()
    raw.on('data', (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) raw.destroy()
    })
    raw.resume()
    const timer = setTimeout(() => raw.destroy(), LINGER_MS)
    raw.once('close', () => { clearTimeout(timer) })
    return payload
  })
}, { name: 'bodies' })
