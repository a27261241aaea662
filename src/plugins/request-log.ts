import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallObservation } from '../connect/api.ts'

declare module 'fastify' {
  interface FastifyRequest { upstream: { calls: number, ms: number, last: string } | null }
}

/** One line a request, when it is over: who, what, how it ended and what Connect took of it. */
export const requestLog = fp(async (app) => {
  app.decorateRequest('upstream', null)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    // `close` comes for finished answers and for callers that left; onResponse misses the latter.
    reply.raw.once('close', () => {
      const { upstream } = request
      const isComplete = reply.raw.writableFinished
      request.log.info({
        caller: request.caller?.id,
        method: request.method,
        route: request.routeOptions.url,
        operation: request.routeOptions.schema?.operationId,
        status: isComplete || reply.raw.headersSent ? reply.statusCode : 499,
        code: request.problemCode ?? undefined,
        complete: isComplete,
        ms: Math.round(reply.elapsedTime),
        ...(upstream !== null && { upstreamCalls: upstream.calls, upstreamMs: Math.round(upstream.ms), upstreamLast: upstream.last })
      }, 'request')
    })
  })
}, { name: 'request-log' })

/** Adds one call to Connect to the line of the request it was made for. */
export function recordCall (request: FastifyRequest, call: CallObservation): void {
  request.server.noteCall(call)
  const before = request.upstream ?? { calls: 0, ms: 0, last: '' }
  request.upstream = {
    calls: before.calls + 1,
    ms: before.ms + call.durationMs,
    last: `${call.operation} ${call.status ?? call.failure ?? ''}`
  }
}
