import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallObservation } from '../connect/api.ts'
import { noteBefore } from '../observability/audit.ts'
import { recordCall } from '../observability/request-log.ts'
import type { ReadContext, WriteContext } from '../usage/context.ts'
import { CallerLeft } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { attemptOf } from './plugins/idempotency.ts'

/** For reads: when the caller leaves, nobody waits for the answer any more, so the calls to Connect end. */
export function readContext (request: FastifyRequest, reply: FastifyReply): ReadContext {
  return { ...writeContext(request), signal: new CallerLeft(reply) }
}

/** For writes: what was sent is finished and its outcome is learnt, also when the caller has left. */
export function writeContext (request: FastifyRequest): WriteContext {
  const { attempt, trace } = request
  const { account } = callerOf(request)
  return {
    account,
    attempt: attemptOf(request),
    noteBefore: object => noteBefore(request, object),
    credential: account.apiKey,
    requestId: request.id,
    ...(trace !== null && { traceparent: (operation, nth) => trace.beginCall(operation, nth) }),
    beforeSend: attempt === null ? undefined : async () => { await attempt.beforeSend() },
    observe: (observation: CallObservation) => {
      recordCall(request, observation)
      attempt?.observe(observation)
    }
  }
}
