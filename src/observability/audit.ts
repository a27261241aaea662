import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { outcomeOfAnswer, outcomeOfCloses } from './audit-outcome.ts'
import { isLoggableId, type RequestSummary } from './journal.ts'
import { CALLER_LEFT } from './request-log.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * For a bulk close, whose audit line comes later than the start of its answer. Gives the function that writes the
     * line, to be called when the bulk close is over; `isComplete`: its answer was sent whole. `countsNow` is called
     * when the line is written: at the end of the bulk close, or at the time limit of a stop if that comes first.
     */
    auditLater: (request: FastifyRequest, countsNow: CountsNow) => (isComplete: boolean) => void
  }
}

type CountsNow = () => Parameters<typeof outcomeOfCloses>[0]

export interface AuditOptions {
  /** Makes the app wait for a request when the app closes. Gives the function that ends this wait. */
  hold: (request: FastifyRequest) => () => void
}

/** The last fields of an audit line, such as the outcome. */
type LineResult = Readonly<Record<string, unknown>>

/**
 * Writes an audit line for every request with a valid credential whose operation may change data (`mayChange`): who
 * did what to which object, with which outcome. The line is written before the caller gets the answer, for a bulk close
 * after it. At the time limit of a stop it is written for all such requests that still run.
 */
export const audit = fp(async (app, { hold }: AuditOptions) => {
  const log = app.log.child({ audit: true }, { level: app.log.level === 'silent' ? 'silent' : 'info' })
  const running = new Map<FastifyRequest, () => void>()
  const bulkCloses = new WeakMap<FastifyRequest, CountsNow>()
  /** The requests whose line was written at the time limit of a stop. They get no second line when they end. */
  const cut = new WeakSet<FastifyRequest>()
  const write = (request: FastifyRequest, result: LineResult, facts = request.journal.read()): void => {
    if (cut.has(request)) return
    running.get(request)?.()
    running.delete(request)
    log.info({ ...lineOf(request, facts), ...result }, 'audit')
  }
  app.addHook('preHandler', (request, _reply, done) => {
    if (mayChange(request)) running.set(request, hold(request))
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
    if (mayChange(request) && !bulkCloses.has(request)) {
      const facts = request.journal.read()
      if (facts.caller !== null) write(request, resultOfAnswer(facts, reply.statusCode), facts)
    }
    done(null, payload)
  })
  app.decorate('auditLater', (request: FastifyRequest, countsNow: CountsNow) => {
    bulkCloses.set(request, countsNow)
    return (isComplete: boolean) => { write(request, { ...outcomeOfCloses(countsNow()), complete: isComplete }) }
  })
  app.onDrainLimit(() => {
    const hasWrites = running.size > 0
    for (const request of running.keys()) {
      const countsNow = bulkCloses.get(request)
      write(request, countsNow === undefined
        ? resultAtDrainLimit(request)
        : { ...outcomeOfCloses(countsNow()), complete: false })
      cut.add(request)
    }
    return hasWrites
  })
}, { name: 'audit', dependencies: ['idempotency', 'drain'] })

/** Whether an operation may change data. A route whose scope is null, which needs a credential only, counts too. */
function mayChange ({ method, routeOptions }: FastifyRequest): boolean {
  const { scope } = routeOptions.config
  return scope !== undefined && scope !== 'usage:read' && method !== 'GET' && method !== 'HEAD'
}

function resultAtDrainLimit ({ journal }: FastifyRequest): LineResult {
  const { calls, isAfterUnknown, isSending } = journal.read()
  return { outcome: isSending || isAfterUnknown || calls?.mayHaveActed === true ? 'unknown' : 'refused' }
}

function resultOfAnswer (facts: RequestSummary, statusCode: number): LineResult {
  const { problemCode: code, calls, isAfterUnknown, hasReplayedActed, idempotency } = facts
  // An error status without a code means that the caller has left, so no caller gets this answer.
  const status = statusCode >= 400 && code === null ? CALLER_LEFT : statusCode
  const outcome = outcomeOfAnswer({
    status,
    code,
    mayHaveActed: calls?.mayHaveActed === true || isAfterUnknown || hasReplayedActed,
    hasStepsDone: ['create', 'upload', 'submit'].some(step => facts.report?.steps[step] === 'done'),
    isEarlierUnknown: isAfterUnknown && idempotency === 'unknown'
  })
  return { outcome, status, code: code ?? undefined }
}

function lineOf (request: FastifyRequest, facts: RequestSummary): Readonly<Record<string, unknown>> {
  const { body, params, journal } = request
  const { caller, idempotency, before, after, createdId, rows, report, billingId: given } = facts
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
    ...(rows !== undefined && { rows }),
    ...(report !== undefined && { report }),
    ...(billingId !== undefined && { billing: billingId === null ? null : hashOf(billingId) })
  }
}

/** Validation may have refused the path, so values that cannot be ids are left out. */
function idsOf (params: unknown): Record<string, string> {
  const entries = Object.entries((params ?? {}) as Record<string, unknown>)
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => isLoggableId(entry[1])))
}

/** Gives a short hash of a billing id. Whoever knows an id can find its log lines, which do not show the id. */
function hashOf (billingId: string): string {
  return `sha256:${createHash('sha256').update(billingId).digest('hex').slice(0, 16)}`
}
