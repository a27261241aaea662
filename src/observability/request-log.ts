import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallObservation } from '../connect/api.ts'
import type { Metrics } from './metrics.ts'
import type { RequestTrace, Tracing } from './tracing/trace.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics
    /**
     * For requests that Fastify's hooks never see: those that its router cannot read. All others are watched anyway.
     */
    watch: (request: FastifyRequest, reply: FastifyReply) => void
  }
  interface FastifyRequest {
    /** What Connect took of this request; parallel calls count each for itself. */
    upstream: { calls: number, attempts: number, ms: number, last: string, mayHaveActed: boolean } | null
    trace: RequestTrace | null
    /** What the connection had received and sent before this request; null for an injected one. */
    wireBefore: Wire | null
  }
}

interface Wire { received: number, sent: number }

/** A status for the log and the counters: the caller left before there was an answer. */
const CALLER_LEFT = 499

/**
 * Tells of every request when it is over, once and at one place: a line in the log, the counters, the end of its trace.
 * Who, what, how it ended and what Connect took of it.
 */
export const requestLog = fp(async (app, { metrics, tracing }: { metrics: Metrics, tracing: Tracing }) => {
  app.decorate('metrics', metrics)
  app.decorateRequest('upstream', null)
  app.decorateRequest('trace', null)
  app.decorateRequest('wireBefore', null)
  const told = new WeakMap<object, Wire>()
  const watch = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('x-request-id', request.id)
    // What the router cannot read has none of the decorations.
    request.upstream = null
    const { socket } = request.raw
    const now = wireOf(request)
    // Of a kept connection: the end of the request before. Its head is read by now and counts.
    request.wireBefore = now === null ? null : told.get(socket) ?? { received: 0, sent: 0 }
    request.trace = tracing.begin({
      method: request.method,
      route: routeOf(request) ?? 'unmatched',
      operation: request.routeOptions.schema?.operationId ?? null,
      requestId: request.id,
      traceparent: request.headers['traceparent']
    })
    metrics.requestBegan()
    // `close` comes for finished answers and for callers that left; onResponse misses the latter.
    reply.raw.once('close', () => {
      tell(request, reply, metrics)
      const after = wireOf(request)
      if (after !== null) told.set(socket, after)
    })
  }
  app.decorate('watch', watch)
  app.addHook('onRequest', (request, reply, done) => {
    watch(request, reply)
    done()
  })
  app.addHook('onClose', async () => { await tracing.close() })
}, { name: 'request-log' })

function tell (request: FastifyRequest, reply: FastifyReply, metrics: Metrics): void {
  const { method, upstream, trace, problemCode, caller, wireBefore } = request
  const { elapsedTime, raw } = reply
  const status = raw.writableFinished || raw.headersSent ? reply.statusCode : CALLER_LEFT
  const wire = wireOf(request)
  const route = routeOf(request)
  // One literal, whose undefined members the logger leaves out: building it of parts costs as much as writing it.
  request.log.info({
    traceId: trace?.traceId,
    caller: caller?.id,
    account: caller?.account.name,
    idempotency: request.idempotency ?? undefined,
    method,
    route: route ?? undefined,
    operation: request.routeOptions.schema?.operationId,
    status,
    code: problemCode ?? undefined,
    complete: raw.writableFinished,
    ms: Math.round(elapsedTime),
    bytesIn: wire === null ? undefined : wire.received - (wireBefore?.received ?? 0),
    bytesOut: wire === null ? undefined : wire.sent - (wireBefore?.sent ?? 0),
    upstreamCalls: upstream?.calls,
    upstreamAttempts: upstream?.attempts,
    upstreamMs: upstream === null ? undefined : Math.round(upstream.ms),
    upstreamLast: upstream?.last
  }, 'request')
  trace?.end({ status, problemCode })
  metrics.requestEnded({ method, route, status, problemCode, seconds: elapsedTime / 1000 })
}

/** Adds one attempt at a call to Connect to the request it was made for. */
export function recordCall (request: FastifyRequest, call: CallObservation): void {
  const { server, trace } = request
  const { operation, attempt, status, failure, traceparent } = call
  server.noteCall(call)
  server.metrics.called(call)
  if (traceparent !== null) trace?.endCall(traceparent, status, failure)
  const before = request.upstream ?? { calls: 0, attempts: 0, ms: 0, last: '', mayHaveActed: false }
  request.upstream = {
    calls: before.calls + (attempt === 1 ? 1 : 0),
    attempts: before.attempts + 1,
    ms: before.ms + call.durationMs,
    last: `${operation} ${status ?? failure ?? ''}`,
    mayHaveActed: before.mayHaveActed || (call.isWrite && call.mayHaveActed)
  }
}

/** Bytes of this request so far, head included; 0 for an injected one. */
export function receivedBytes (request: FastifyRequest): number {
  return (wireOf(request)?.received ?? 0) - (request.wireBefore?.received ?? 0)
}

function wireOf ({ raw: { socket } }: FastifyRequest): Wire | null {
  const { bytesRead, bytesWritten } = socket as { bytesRead?: number, bytesWritten?: number }
  return bytesRead === undefined || bytesWritten === undefined ? null : { received: bytesRead, sent: bytesWritten }
}

/** The pattern of the route; null where none matched: paths are the callers' and have no end. */
function routeOf ({ is404, routeOptions }: FastifyRequest): string | null {
  return is404 ? null : routeOptions.url ?? null
}
