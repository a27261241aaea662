import { createHash } from 'node:crypto'
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { outcomeOfAnswer, outcomeOfCloses, type CloseCounts } from './audit-outcome.ts'

declare module 'fastify' {
  interface FastifyInstance {
    auditLog: FastifyBaseLogger
    auditDone: (request: FastifyRequest) => void
  }
  interface FastifyRequest { audit: AuditNotes | null }
}

/** What the operations know and an answer does not show. */
interface AuditNotes {
  before?: string
  after?: string
  /** The id of what was created. */
  created?: string
  billingId?: string | null
  /** An earlier request with its key was sent, and nobody knew what came of it. */
  isRepeat?: true
  /** A bulk close has an answer long before it has an end: its line is written there. */
  isWrittenLater?: true
}

const ID = /^[A-Za-z0-9][\w.:-]{0,99}$/
const STATUS = /^[a-z_-]{1,30}$/i

/**
 * One line for every request that may change something, apart from the request log: who did what to which object, and
 * how it ended. The line is written when the operation is over, whether or not the caller still waits for the answer.
 *
 * Its logger has a level of its own: LOG_LEVEL can turn it off only with `silent`.
 */
export const audit = fp(async (app) => {
  app.decorate('auditLog', app.log.child({ audit: true }, { level: app.log.level === 'silent' ? 'silent' : 'info' }))
  app.decorateRequest('audit', null)
  /** Each with what ends its part of the work: a stop waits until every line is written. */
  const running = new Map<FastifyRequest, () => void>()
  app.addHook('preHandler', (request, _reply, done) => {
    if (isAudited(request)) {
      running.set(request, request.work?.hold() ?? (() => {}))
      if ((request.attempt?.earlier ?? null) !== null) notesOf(request).isRepeat = true
    }
    done()
  })
  app.decorate('auditDone', (request: FastifyRequest) => {
    running.get(request)?.()
    running.delete(request)
  })
  // What the end of the process cuts off is in doubt, and has its line all the same.
  app.atGivingUp(() => { for (const request of running.keys()) write(request, { outcome: 'unknown' }) })
  app.addHook('preSerialization', (request, reply, payload, done) => {
    if (isAudited(request)) noteAnswer(request, reply, payload)
    done(null, payload)
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isAudited(request) && request.audit?.isWrittenLater !== true) writeAnswered(request, reply, payload)
    done(null, payload)
  })
}, { name: 'audit' })

/** Every scope but that of reading is about changing something. A caller is known: strangers are in the request log. */
function isAudited ({ caller, routeOptions }: FastifyRequest): boolean {
  const { scope } = routeOptions.config
  return caller !== null && scope !== undefined && scope !== 'usage:read'
}

/** Takes the object as it was before the write, of which the first counts, and gives it back. */
export function noteBefore<T extends { readonly status?: unknown }> (request: FastifyRequest, object: T): T {
  const { status } = object
  notesOf(request).before ??= typeof status === 'string' && STATUS.test(status) ? status.toLowerCase() : 'unknown'
  return object
}

/** The billing id that a bulk close gives to records that bring none of their own. */
export function noteBilling (request: FastifyRequest, billingId: string | null): void {
  notesOf(request).billingId = billingId
}

/** To be called before the answer of a bulk close begins; gives what writes its line at the end. */
export function auditLater (request: FastifyRequest): (counts: CloseCounts, isComplete: boolean) => void {
  notesOf(request).isWrittenLater = true
  return (counts, isComplete) => {
    const { outcome, notSent } = outcomeOfCloses(counts)
    write(request, { outcome, records: { ...counts, notSent }, complete: isComplete })
  }
}

function notesOf (request: FastifyRequest): AuditNotes {
  request.audit ??= {}
  return request.audit
}

function noteAnswer (request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
  const { id, status } = (payload ?? {}) as { id?: unknown, status?: unknown }
  if (reply.statusCode >= 300) return
  const notes = notesOf(request)
  if (typeof status === 'string' && STATUS.test(status)) notes.after = status
  if (reply.statusCode === 201 && typeof id === 'string' && ID.test(id)) notes.created = id
}

function writeAnswered (request: FastifyRequest, reply: FastifyReply, payload: unknown): void {
  const { statusCode: status } = reply
  const code = request.problemCode
  // A refusal tells the status that forbade the action.
  const seen =
    status === 409 && typeof payload === 'string'
      ? (JSON.parse(payload) as { currentStatus?: unknown }).currentStatus
      : undefined
  if (typeof seen === 'string' && STATUS.test(seen)) notesOf(request).before ??= seen
  const isEarlierUnknown = request.audit?.isRepeat === true && request.idempotency === 'unknown'
  const outcome = outcomeOfAnswer({
    status,
    code,
    mayHaveActed: request.upstream?.mayHaveActed === true,
    isEarlierUnknown
  })
  write(request, { outcome, status, code: code ?? undefined })
}

function write (request: FastifyRequest, ending: Record<string, unknown>): void {
  const { audit, body, params, caller, trace } = request
  request.server.auditDone(request)
  const given = (body as { externalBillingId?: unknown } | null | undefined)?.externalBillingId
  const billingId = audit?.billingId === undefined && typeof given === 'string' ? given : audit?.billingId
  request.server.auditLog.info({
    requestId: request.id,
    traceId: trace?.traceId,
    caller: caller?.id,
    account: caller?.account.name,
    idempotency: request.idempotency ?? undefined,
    role: caller?.account.role,
    operation: request.routeOptions.schema?.operationId,
    object: { ...idsOf(params), ...(audit?.created !== undefined && { created: audit.created }) },
    before: audit?.before,
    after: audit?.after,
    ...(billingId !== undefined && { billing: billingId === null ? null : hashOf(billingId) }),
    ...ending
  }, 'audit')
}

/** Of a path that validation has refused, only what can be an id. */
function idsOf (params: unknown): Record<string, string> {
  const entries = Object.entries((params ?? {}) as Record<string, unknown>)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && ID.test(entry[1]))
  )
}

/** Enough to compare with a billing id that one has, not to read it. */
function hashOf (billingId: string): string {
  return `sha256:${createHash('sha256').update(billingId).digest('hex').slice(0, 16)}`
}
