import type { Server, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { trackConnections } from '../connections.ts'

declare module 'fastify' {
  interface FastifyInstance {
    isDraining: () => boolean
    /** Phase 1, refuse: new requests get 503 DRAINING, except those to `/health/…` and `/metrics`. */
    startDraining: () => void
    /**
     * Phase 2, cancel, shortly before the time limit. Requests whose table or list of records has not arrived, uploads
     * before their commit point, and reports without a write under way get 503 DRAINING.
     */
    cancelWaiting: () => void
    /** Registers `cancel` for phase 2, or calls it if phase 2 has begun. Gives a function that removes `cancel`. */
    onCancelWaiting: (cancel: () => void) => () => void
    /**
     * Phase 3, destroy: closes every connection, except where a request that may write has arrived whole and has no
     * complete answer. The caller of that request may need the answer to learn the outcome of a write.
     */
    destroyConnections: () => void
    /** To be called at the time limit of a stop. Calls the functions of `onDrainLimit`: true if one gives true. */
    reachDrainLimit: () => boolean
    /** Registers `report` for the time limit of a stop. `report` gives whether requests that may write still run. */
    onDrainLimit: (report: () => boolean) => void
  }
}

const SWEEP_MS = 50
/** While the service stops, an idle connection stays open for so long: the caller may send its next request at once. */
const IDLE_MS = 500

/**
 * Adds the phases of a stop. While the app closes, connections without a request are closed after IDLE_MS. Fastify
 * alone would wait up to 72 s (fastify/fastify#7044).
 *
 * The port closes at the start of a stop. When the port refuses a connection, a load balancer sends the request, of any
 * method, elsewhere. If a load balancer must first learn that the instance stops, the stop has to begin later.
 */
export const drain = fp(async (app) => {
  let isDraining = false
  app.decorate('isDraining', () => isDraining)
  app.decorate('startDraining', () => { isDraining = true })
  app.addHook('preClose', async () => { isDraining = true })
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
  addPhases(app)
  closeConnections(app)
}, { name: 'drain' })

/** The error for a request that a stop refuses or cancels. The same request may be sent again. */
export function stopping (detail: string): AppError {
  return new AppError('DRAINING', detail, { retryAfterSeconds: 1 })
}

function addPhases (app: FastifyInstance): void {
  const cancels = new Set<() => void>()
  const reports: (() => boolean)[] = []
  let isCancelling = false
  app.decorate('onCancelWaiting', (cancel) => {
    if (isCancelling) cancel()
    else cancels.add(cancel)
    return () => { cancels.delete(cancel) }
  })
  app.decorate('cancelWaiting', () => {
    isCancelling = true
    for (const cancel of cancels) cancel()
    cancels.clear()
  })
  app.decorate('onDrainLimit', (report) => { reports.push(report) })
  app.decorate('reachDrainLimit', () => reports.map(report => report()).includes(true))
}

function closeConnections (app: FastifyInstance): void {
  const connections = trackConnections(app.server as Server)
  app.decorate('destroyConnections', () => {
    for (const [socket, { responses }] of connections) {
      if (responses.find(isOfWholeWrite) === undefined) socket.destroy()
    }
  })
  // Node calls this function when a server closes. Node's own version also closes connections on which a request is
  // just arriving.
  app.server.closeIdleConnections = () => {}
  const sweep = (): void => {
    const idleBefore = performance.now() - IDLE_MS
    for (const [socket, { responses, idleSince }] of connections) {
      // A socket that our side has ended is left open: its caller may still read the last answer.
      if (responses.size === 0 && idleSince < idleBefore && !socket.writableEnded) socket.destroy()
    }
  }
  app.addHook('preClose', async () => {
    // setImmediate runs after Node has read what arrived, so `connections` has the newest requests.
    const timer = setInterval(() => { setImmediate(sweep) }, SWEEP_MS)
    app.server.once('close', () => { clearInterval(timer) })
  })
}

function isOfWholeWrite ({ req: { method = '', complete } }: ServerResponse): boolean {
  return complete && !['GET', 'HEAD', 'OPTIONS'].includes(method)
}

/** Health and metrics show the progress of a stop, so they are still answered. */
function isForOperators (route: string | undefined): boolean {
  return route === '/metrics' || route?.startsWith('/health/') === true
}
