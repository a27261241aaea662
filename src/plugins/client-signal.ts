import type { FastifyReply } from 'fastify'

/**
 * Aborts when the caller leaves before its answer is complete. Fastify's own `request.signal` fires as soon as a
 * request body has been read (fastify/fastify#6725), so it cannot be used for anything that has one.
 */
export function clientSignal (reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort()
  })
  return controller.signal
}
