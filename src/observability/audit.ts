import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { outcomeOfAnswer, outcomeOfCloses, type CloseCounts } from './audit-outcome.ts'
import { isLoggableId } from './journal.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * For an operation that goes on after its answer has begun, such as a bulk close: its answer gets no line.
     * Gives the function that writes the line when the operation is over.
     */
    auditLater: (request: FastifyRequest) => (counts: CloseCounts, isComplete: boolean) => void
  }
}

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
  const writtenLater = new WeakSet<FastifyRequest>()
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
    if (mayChange(request) && !writtenLater.has(request) && request.journal.read().caller !== null) {
      write(request, answerEnding(request, reply))
    }
    done(null, payload)
  })
  app.decorate('auditLater', (request: FastifyRequest) => {
    writtenLater.add(request)
    return (counts: CloseCounts, isComplete: boolean) => {
      const { outcome, notSent } = outcomeOfCloses(counts)
      write(request, { outcome, records: { ...counts, notSent }, complete: isComplete })
    }
  })
  // The end of the process cuts these off: Connect may have done them.
  app.atGivingUp(() => { for (const request of atWork.keys()) write(request, { outcome: 'unknown' }) })
}, { name: 'audit', dependencies: ['idempotency', 'work', 'drain'] })

/** Every scope but usage:read is about changing something. */
function mayChange ({ routeOptions }: FastifyRequest): boolean {
  const { scope } = routeOptions.config
  return scope !== undefined && scope !== 'usage:read'
}

function answerEnding (request: FastifyRequest, { statusCode: status }: FastifyReply): Ending {
  const { problemCode: code, calls, isAfterUnknown, idempotency } = request.journal.read()
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
