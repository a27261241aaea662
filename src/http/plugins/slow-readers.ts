import type { Socket } from 'node:net'
import fp from 'fastify-plugin'

/**
 * Ends the connection of a caller that does not read its answer for `maxMs` milliseconds. Such a caller would hold its
 * place and its connection and, for a workbook, a connection to Connect's storage. Only time in which bytes wait to be
 * read counts, and every byte that is read starts the time anew.
 */
export const slowReaders = fp(async (app, { maxMs }: { maxMs: number }) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    const socket: Partial<Socket> = request.raw.socket
    // An injected request has no connection.
    if (socket.setTimeout === undefined) return done(null, payload)
    // Node sets the limit of idle connections again when the answer is complete.
    socket.setTimeout(maxMs)
    // With a listener Node does not end the connection by itself. When no bytes wait, this service is the slow one.
    reply.raw.on('timeout', ({ writableLength }: Socket) => {
      if (writableLength === 0) return
      request.log.warn('the caller does not take its answer: cut off')
      request.raw.socket.destroy()
    })
    done(null, payload)
  })
}, { name: 'slow-readers' })
