import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import { AppError } from '../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** True from the first word of shutdown on: readiness says no and new requests are refused. */
    isDraining: () => boolean
    startDraining: () => void
  }
}

const IDLE_SWEEP_MS = 50

/**
 * Lets the service end: what runs is finished, what is new is refused, and sockets without a request are closed at once
 * (Fastify would wait up to 72 s for them, fastify/fastify#7044).
 */
export const drain = fp(async (app) => {
  let isDraining = false
  app.decorate('isDraining', () => isDraining)
  app.decorate('startDraining', () => { isDraining = true })
  app.addHook('onRequest', async (request, reply) => {
    if (!isDraining) return
    reply.header('connection', 'close')
    if (!isForOperators(request.routeOptions.url)) {
      throw new AppError('DRAINING', 'This instance is stopping; another one takes the request.', { retryAfterSeconds: 1 })
    }
  })
  app.addHook('onSend', async (_request, reply, payload) => {
    if (isDraining) reply.header('connection', 'close')
    return payload
  })
  const requestsOf = trackRequests(app.server as Server)
  app.addHook('preClose', async () => {
    isDraining = true
    const sweep = setInterval(() => {
      for (const [socket, requests] of requestsOf) {
        // What has been ended already waits for its caller to read the last answer.
        if (requests === 0 && !socket.writableEnded) socket.destroy()
      }
    }, IDLE_SWEEP_MS)
    app.server.once('close', () => { clearInterval(sweep) })
  })
}, { name: 'drain' })

/** What tells how the end is going. */
function isForOperators (route: string | undefined): boolean {
  return route === '/metrics' || route?.startsWith('/health/') === true
}

/**
 * How many requests each open socket is busy with. Node's own notion of idle leaves out sockets that never sent a
 * whole request: a probe that only connects would hold the shutdown up.
 */
function trackRequests (server: Server): ReadonlyMap<Socket, number> {
  const requestsOf = new Map<Socket, number>()
  const add = (socket: Socket, change: number): void => {
    const before = requestsOf.get(socket)
    if (before !== undefined) requestsOf.set(socket, before + change)
  }
  server.on('connection', (socket: Socket) => {
    requestsOf.set(socket, 0)
    socket.once('close', () => { requestsOf.delete(socket) })
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    add(socket, 1)
    response.once('close', () => { add(socket, -1) })
  })
  return requestsOf
}
