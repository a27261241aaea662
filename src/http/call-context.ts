import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ReadContext, WriteContext } from '../usage/context.ts'
import { ONLY_ATTEMPT } from '../usage/writes/attempt.ts'
import { CallerLeft } from './client-signal.ts'
import { callerOf } from './plugins/auth.ts'
import { attemptOf } from './plugins/idempotency.ts'

/** Gives the context of calls to Connect that end when the caller leaves. */
export function readContext (request: FastifyRequest, reply: FastifyReply): ReadContext {
  return { ...writeContext(request), signal: new CallerLeft(reply) }
}

/** Gives the context of calls to Connect that go on when the caller leaves, so the outcome of a write becomes known. */
export function writeContext (request: FastifyRequest): WriteContext {
  const { journal, server } = request
  const attempt = attemptOf(request)
  const { account, scopes } = callerOf(request)
  return {
    account,
    actor: { role: account.role, scopes },
    attempt: attempt ?? ONLY_ATTEMPT,
    noteBefore: object => {
      journal.add({ kind: 'object-before', status: object.status })
      return object
    },
    credential: account.apiKey,
    requestId: request.id,
    traceparent: (operation, nth) => journal.callBegan(operation, nth),
    beforeSend: async () => {
      await attempt?.beforeSend()
      journal.writeBegan()
    },
    observe: call => {
      server.noteCall(call)
      server.metrics.called(call)
      journal.callEnded(call)
      attempt?.observe(call)
    }
  }
}
