import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** True from the first word of shutdown on: readiness says no and new requests are refused. */
    isDraining: () => boolean
    startDraining: () => void
    /** Has `end` called at the last call, or now if that has been; gives what takes it back. */
    atLastCall: (end: () => void) => () => void
    /**
     * Shortly before the time limit: what waits for its caller, or has not reached Connect, is given up with an answer.
     */
    callLast: () => void
    /** Has `end` called when the limit is reached and something is left in doubt. */
    atGivingUp: (end: () => void) => void
    giveUp: () => void
    /**
     * A moment later: cuts every connection but those of writes that have come in whole, which alone may be in doubt.
     */
    cutOff: () => void
  }
}

const SWEEP_MS = 50
/** Who has just been answered may be sending the next request: it gets its 503 rather than a reset. */
const IDLE_MS = 500

/**
 * Lets the service end: what runs is finished, what is new is refused, and sockets without a request are closed soon
 * (Fastify would wait up to 72 s for them, fastify/fastify#7044).
 *
 * The listener closes at once: a refused connection is the one answer that a load balancer may take elsewhere whatever
 * the method. For those that go on sending for a while because they have not heard, the instance has to be told later.
 */
export const drain = fp(async (app) => {
  let isDraining = false
  let isLastCall = false
  const ends = new Set<() => void>()
  app.decorate('isDraining', () => isDraining)
  app.decorate('startDraining', () => { isDraining = true })
  app.decorate('atLastCall', (end) => {
    if (isLastCall) end()
    else ends.add(end)
    return () => { ends.delete(end) }
  })
  const lastWords: (() => void)[] = []
  app.decorate('atGivingUp', (end) => { lastWords.push(end) })
  app.decorate('giveUp', () => { for (const end of lastWords) end() })
  app.decorate('callLast', () => {
    isLastCall = true
    for (const end of ends) end()
    ends.clear()
  })
  app.addHook('onRequest', (request, reply, done) => {
    if (!isDraining) return done()
    reply.header('connection', 'close')
    if (!isForOperators(request.routeOptions.url)) {
      throw stopping('This instance is stopping; another one takes the request.')
    }
    done()
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (isDraining) reply.header('connection', 'close')
    done(null, payload)
  })
  const connections = trackConnections(app.server as Server)
  app.decorate('cutOff', () => {
    for (const [socket, { requests }] of connections) {
      if (![...requests].some(isWholeWrite)) socket.destroy()
    }
  })
  // Node's, which the closing of a server calls, takes no notice of what is just arriving.
  app.server.closeIdleConnections = () => {}
  const sweep = (): void => {
    const idleBefore = performance.now() - IDLE_MS
    for (const [socket, { requests, idleSince }] of connections) {
      // What has been ended already waits for its caller to read the last answer.
      if (requests.size === 0 && idleSince < idleBefore && !socket.writableEnded) socket.destroy()
    }
  }
  app.addHook('preClose', async () => {
    isDraining = true
    // Right after what has arrived was read: a request among it is seen.
    const timer = setInterval(() => { setImmediate(sweep) }, SWEEP_MS)
    app.server.once('close', () => { clearInterval(timer) })
  })
}, { name: 'drain' })

/** Nothing was done: the same request may go to another instance. */
export function stopping (detail: string): AppError {
  return new AppError('DRAINING', detail, { retryAfterSeconds: 1 })
}

function isWholeWrite ({ method = '', complete }: IncomingMessage): boolean {
  return complete && !['GET', 'HEAD', 'OPTIONS'].includes(method)
}

/** What tells how the end is going. */
function isForOperators (route: string | undefined): boolean {
  return route === '/metrics' || route?.startsWith('/health/') === true
}

interface Connection {
  requests: Set<IncomingMessage>
  idleSince: number
}

/**
 * What each open socket is busy with. Node's own notion of idle leaves out sockets that never sent a whole request: a
 * probe that only connects would hold the shutdown up.
 */
function trackConnections (server: Server): ReadonlyMap<Socket, Connection> {
  const connections = new Map<Socket, Connection>()
  server.on('connection', (socket: Socket) => {
    connections.set(socket, { requests: new Set(), idleSince: performance.now() })
    socket.once('close', () => { connections.delete(socket) })
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket)
    if (connection === undefined) return
    connection.requests.add(request)
    response.once('close', () => {
      connection.requests.delete(request)
      connection.idleSince = performance.now()
    })
  })
  return connections
}
