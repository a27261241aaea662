import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallContext, CallObservation } from '../connect/api.ts'
import { callerOf } from './plugins/auth.ts'
import { CallerLeft } from './client-signal.ts'
import { recordCall } from '../observability/request-log.ts'

/** For reads: nobody waits for the answer any more when the caller has left, so the call ends with it. */
export function readContext (request: FastifyRequest, reply: FastifyReply): CallContext {
  return { ...writeContext(request), signal: new CallerLeft(reply) }
}

/** For writes: what was sent is finished and its outcome learnt, whether or not the caller still waits. */
export function writeContext (request: FastifyRequest): CallContext {
  const { attempt, trace } = request
  return {
    credential: callerOf(request).account.apiKey,
    requestId: request.id,
    ...(trace !== null && { traceparent: (operation, nth) => trace.beginCall(operation, nth) }),
    beforeSend: attempt === null ? undefined : async () => { await attempt.beforeSend() },
    observe: (observation: CallObservation) => {
      recordCall(request, observation)
      attempt?.observe(observation)
    }
  }
}
