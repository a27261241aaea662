import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/**
 * Closes the connection of a caller that reads nothing of its answer for `maxMs`, because such a caller keeps a slot
 * from others.
 */
export const slowReaders = fp(async (app, { maxMs }: { maxMs: number }) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    const socket: Partial<Socket> = request.raw.socket
    // An injected request (of a test) has no connection.
    if (socket.setTimeout === undefined) return done(null, payload)
    // Node sets its own limit for idle connections again when the answer is complete.
    socket.setTimeout(maxMs)
    // With this listener Node does not close the connection at the time-out. When no bytes wait then, the service is
    // slow, not the caller, and the connection stays open.
    reply.raw.on('timeout', ({ writableLength }: Socket) => {
      if (writableLength === 0) return
      request.log.warn('the connection was closed: the caller does not read the answer')
      request.raw.socket.destroy()
    })
    done(null, payload)
  })
}, { name: 'slow-readers' })
