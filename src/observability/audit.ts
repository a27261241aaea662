import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { outcomeOfAnswer, outcomeOfCloses } from './audit-outcome.ts'
import { isLoggableId } from './journal.ts'
import { CALLER_LEFT } from './request-log.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * For a bulk close, which goes on after its answer has begun: its answer gets no line. Takes what gives the counts
     * at any time, because the time limit of a stop may end the bulk close. Gives the function that writes the line
     * when the bulk close is over.
     */
    auditLater: (request: FastifyRequest, countsNow: CountsNow) => (isComplete: boolean) => void
  }
}

type CountsNow = () => Parameters<typeof outcomeOfCloses>[0]

/** How the line of a request ends: its outcome, and more where it is known. */
type Ending = Readonly<Record<string, unknown>>

/**
 * One line for every request of a known caller that may change something, apart from the request log: who did what to
 * which object, with which outcome. The line is written when the operation is over, before the caller gets the answer,
 * and also when the caller has left.
 *
 * LOG_LEVEL turns these lines off only with `silent`.
 */
export const audit = fp(async (app) => {
  const log = app.log.child({ audit: true }, { level: app.log.level === 'silent' ? 'silent' : 'info' })
  /** Requests at work, each with the function that ends its hold on the stop of the service. */
  const atWork = new Map<FastifyRequest, () => void>()
  const bulkCloses = new WeakMap<FastifyRequest, CountsNow>()
  const write = (request: FastifyRequest, ending: Ending): void => {
    atWork.get(request)?.()
    atWork.delete(request)
    log.info({ ...lineOf(request), ...ending }, 'audit')
  }
  app.addHook('preHandler', (request, _reply, done) => {
    if (mayChange(request)) atWork.set(request, request.work?.hold() ?? (() => {}))
    done()
  })
  app.addHook('preSerialization', (request, reply, payload, done) => {
    if (mayChange(request) && reply.statusCode < 300) {
      const { id, status } = (payload ?? {}) as { id?: unknown, status?: unknown }
      request.journal.add({ kind: 'object-after', status, createdId: reply.statusCode === 201 ? id : undefined })
    }
    done(null, payload)
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // Who has no valid credential is in the request log only.
    if (mayChange(request) && !bulkCloses.has(request) && request.journal.read().caller !== null) {
      write(request, answerEnding(request, reply))
    }
    done(null, payload)
  })
  app.decorate('auditLater', (request: FastifyRequest, countsNow: CountsNow) => {
    bulkCloses.set(request, countsNow)
    return (isComplete: boolean) => { write(request, { ...outcomeOfCloses(countsNow()), complete: isComplete }) }
  })
  app.atGivingUp(() => {
    for (const request of atWork.keys()) {
      const countsNow = bulkCloses.get(request)
      write(request, countsNow === undefined
        ? cutOffEnding(request)
        : { ...outcomeOfCloses(countsNow()), complete: false })
    }
  })
}, { name: 'audit', dependencies: ['idempotency', 'work', 'drain'] })

/** Every scope but usage:read is about changing something. */
function mayChange ({ routeOptions }: FastifyRequest): boolean {
  const { scope } = routeOptions.config
  return scope !== undefined && scope !== 'usage:read'
}

/** Of a request that the end of the process cuts off. */
function cutOffEnding ({ journal }: FastifyRequest): Ending {
  const { calls, isAfterUnknown, isSending } = journal.read()
  return { outcome: isSending || isAfterUnknown || calls?.mayHaveActed === true ? 'unknown' : 'refused' }
}

function answerEnding (request: FastifyRequest, { statusCode }: FastifyReply): Ending {
  const { problemCode: code, calls, isAfterUnknown, idempotency } = request.journal.read()
  // An error without a code is that of a caller that left, and nobody got it.
  const status = statusCode >= 400 && code === null ? CALLER_LEFT : statusCode
  const outcome = outcomeOfAnswer({
    status,
    code,
    mayHaveActed: calls?.mayHaveActed === true,
    isEarlierUnknown: isAfterUnknown && idempotency === 'unknown'
  })
  return { outcome, status, code: code ?? undefined }
}

function lineOf (request: FastifyRequest): Readonly<Record<string, unknown>> {
  const { body, params, journal } = request
  const { caller, idempotency, before, after, createdId, billingId: given } = journal.read()
  const inBody = (body as { externalBillingId?: unknown } | null | undefined)?.externalBillingId
  const billingId = given === undefined && typeof inBody === 'string' ? inBody : given
  return {
    requestId: request.id,
    traceId: journal.traceId,
    caller: caller?.id,
    account: caller?.account.name,
    idempotency: idempotency ?? undefined,
    role: caller?.account.role,
    operation: request.routeOptions.schema?.operationId,
    object: { ...idsOf(params), ...(createdId !== undefined && { created: createdId }) },
    before,
    after,
    ...(billingId !== undefined && { billing: billingId === null ? null : hashOf(billingId) })
  }
}

/** The ids in a path. Of a path that validation has refused, only those that can be ids. */
function idsOf (params: unknown): Record<string, string> {
  const entries = Object.entries((params ?? {}) as Record<string, unknown>)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isLoggableId(entry[1])))
}

/** A billing id that one has can be compared with this; the id cannot be read from it. */
function hashOf (billingId: string): string {
  return `sha256:${createHash('sha256').update(billingId).digest('hex').slice(0, 16)}`
}
