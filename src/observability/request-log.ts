import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { Journal } from './journal.ts'
import type { Metrics } from './metrics.ts'
import type { RequestTrace, Tracing } from './tracing/trace.ts'

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics
    /** Begins the journal of a request that the router cannot read: no hook does it for such a request. */
    beginJournal: (request: FastifyRequest, reply: FastifyReply) => void
  }
  interface FastifyRequest { journal: Journal }
}

/** The numbers of bytes that a connection has received from the caller and sent to the caller. */
interface Wire { received: number, sent: number }

/** The status in logs and metrics when the caller left before there was an answer. */
export const CALLER_LEFT = 499
const NOTHING: Wire = { received: 0, sent: 0 }

/** The byte counts of each connection at the end of its last request. They may include the head of the next request. */
const atEndOfLast = new WeakMap<object, Wire>()
/** For each request, the byte counts of its connection that belong to earlier requests. */
const beforeRequest = new WeakMap<IncomingMessage, Wire>()

/**
 * Gives every request its journal and its trace, and writes one log line when the answer is complete or the caller has
 * left. Closes `tracing` with the app.
 */
export const requestLog = fp(async (app, { metrics, tracing }: { metrics: Metrics, tracing: Tracing }) => {
  app.decorate('metrics', metrics)
  app.decorateRequest('journal', null as never)
  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    reply.header('x-request-id', request.id)
    const { raw } = request
    beforeRequest.set(raw, atEndOfLast.get(raw.socket) ?? NOTHING)
    const trace = tracing.begin({
      method: request.method,
      route: routeOf(request) ?? 'unmatched',
      operation: request.routeOptions.schema?.operationId ?? null,
      requestId: request.id,
      traceparent: request.headers['traceparent']
    })
    request.journal = new Journal(trace)
    metrics.requestBegan()
    // The event `close` also comes when the caller leaves; the hook onResponse does not run then.
    reply.raw.once('close', () => {
      report(request, reply, trace, metrics)
      const now = wireOf(request)
      if (now !== null) atEndOfLast.set(raw.socket, now)
    })
  }
  app.decorate('beginJournal', begin)
  app.addHook('onRequest', (request, reply, done) => {
    begin(request, reply)
    done()
  })
  app.addHook('onClose', async () => { await tracing.close() })
}, { name: 'request-log' })

function report (request: FastifyRequest, reply: FastifyReply, trace: RequestTrace, metrics: Metrics): void {
  const { method } = request
  const { elapsedTime, raw } = reply
  const { caller, idempotency, problemCode, calls } = request.journal.read()
  const status = raw.writableFinished || raw.headersSent ? reply.statusCode : CALLER_LEFT
  const wire = wireOf(request)
  const before = beforeRequest.get(request.raw) ?? NOTHING
  const route = routeOf(request)
  // The logger leaves out undefined members. It would take as long to build the object from parts as to write the line.
  request.log.info({
    traceId: trace.traceId,
    caller: caller?.id,
    account: caller?.account.name,
    idempotency: idempotency ?? undefined,
    method,
    route: route ?? undefined,
    operation: request.routeOptions.schema?.operationId,
    status,
    code: problemCode ?? undefined,
    complete: raw.writableFinished,
    ms: Math.round(elapsedTime),
    bytesIn: wire === null ? undefined : wire.received - before.received,
    bytesOut: wire === null ? undefined : wire.sent - before.sent,
    upstreamCalls: calls?.calls,
    upstreamAttempts: calls?.attempts,
    upstreamMs: calls === null ? undefined : Math.round(calls.ms),
    upstreamLast: calls?.last
  }, 'request')
  trace.end({ status, problemCode })
  metrics.requestEnded({ method, route, status, problemCode, seconds: elapsedTime / 1000 })
}

/** Gives the number of bytes received of this request so far, with its head; 0 for an injected request (of a test). */
export function receivedBytes (request: FastifyRequest): number {
  return (wireOf(request)?.received ?? 0) - (beforeRequest.get(request.raw)?.received ?? 0)
}

/** Null for an injected request (of a test), which has no connection. */
function wireOf ({ raw: { socket } }: FastifyRequest): Wire | null {
  const { bytesRead, bytesWritten } = socket as { bytesRead?: number, bytesWritten?: number }
  return bytesRead === undefined || bytesWritten === undefined ? null : { received: bytesRead, sent: bytesWritten }
}

/** Null when no route matched. The path itself is never logged: callers choose it. */
function routeOf ({ is404, routeOptions }: FastifyRequest): string | null {
  return is404 ? null : routeOptions.url ?? null
}
