import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/**
 * Lets go of callers that do not take their answers: each would hold its place, its connection and, for a workbook, one
 * of Connect's for as long as it likes. Only time in which something waits to be taken counts, and any progress starts
 * it anew.
 */
export const slowReaders = fp(async (app, { maxMs }: { maxMs: number }) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    const socket: Partial<Socket> = request.raw.socket
    // An injected request has no connection.
    if (socket.setTimeout === undefined) return done(null, payload)
    // Node sets the limit of idle connections again when the answer is complete.
    socket.setTimeout(maxMs)
    // With a listener Node leaves the connection alone: without bytes that wait, it is us who are slow.
    reply.raw.on('timeout', ({ writableLength }: Socket) => {
      if (writableLength === 0) return
      request.log.warn('the caller does not take its answer: cut off')
      request.raw.socket.destroy()
    })
    done(null, payload)
  })
}, { name: 'slow-readers' })
