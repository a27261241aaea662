import type { CallObservation } from '../connect/api.ts'
import type { Caller } from '../credentials/callers.ts'
import type { IdempotencyResult } from '../idempotency/attempt.ts'
import type { RequestTrace } from './tracing/trace.ts'

/** Something that happened in a request. */
export type Fact =
  | { kind: 'caller-known', caller: Caller }
  /** `isAfterUnknown`: an earlier request with the key was sent, and its outcome is not known. */
  | { kind: 'key-claimed', isAfterUnknown: boolean }
  | { kind: 'key-result', result: IdempotencyResult }
  /** The object that a write is about, as Connect showed it before. */
  | { kind: 'object-before', status: unknown }
  /** The object of a successful answer; `createdId` where the answer is 201. */
  | { kind: 'object-after', status: unknown, createdId: unknown }
  /** The billing id that a bulk close gives to records that bring none of their own. */
  | { kind: 'billing-id', billingId: string | null }
  /** The problem that the caller is answered with. `currentStatus`: the status that forbade the action. */
  | { kind: 'problem', code: string, currentStatus: unknown }

/** The calls to Connect of one request, added up. Calls that run at the same time each count with their own time. */
interface CallSum {
  calls: number
  attempts: number
  ms: number
  /** The operation and the status or failure of the last one. */
  last: string
  /** A call that may change something may have had an effect. */
  mayHaveActed: boolean
}

/** What the facts come to. */
export interface RequestSummary {
  caller: Caller | null
  /** Null without an Idempotency-Key; `new` while the request is at work. */
  idempotency: IdempotencyResult | null
  isAfterUnknown: boolean
  problemCode: string | null
  /** In lower case; `unknown` when Connect showed none. */
  before: string | undefined
  after: string | undefined
  createdId: string | undefined
  billingId: string | null | undefined
  calls: CallSum | null
  /** A write is on its way to Connect, and its answer is not there. */
  isSending: boolean
}

const ID = /^[A-Za-z0-9][\w.:-]{0,99}$/
const STATUS = /^[a-z_-]{1,30}$/i

/** Whether a text can be logged as an id: what a caller put in a path can be anything. */
export function isLoggableId (value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

/**
 * What happened in one request. Plugins and handlers add facts and never read them. The request log, the audit log, the
 * metrics and the trace read them when the request is over: `read` is for them alone.
 */
export class Journal {
  readonly #trace: RequestTrace
  readonly #facts: Fact[] = []
  #calls: CallSum | null = null
  #isSending = false

  constructor (trace: RequestTrace) {
    this.#trace = trace
  }

  get traceId (): string { return this.#trace.traceId }

  add (fact: Fact): void {
    this.#facts.push(fact)
  }

  /** An attempt at a call to Connect begins. Gives its traceparent, which Connect gets. */
  callBegan (operation: string, attempt: number): string {
    return this.#trace.beginCall(operation, attempt)
  }

  /** From now on Connect can have the whole of a write. */
  writeBegan (): void {
    this.#isSending = true
  }

  /** Only the sum of the calls is kept: a bulk close makes thousands. */
  callEnded ({ operation, attempt, status, failure, durationMs, traceparent, ...call }: CallObservation): void {
    if (traceparent !== null) this.#trace.endCall(traceparent, status, failure)
    if (call.isWrite) this.#isSending = false
    const before = this.#calls ?? { calls: 0, attempts: 0, ms: 0, last: '', mayHaveActed: false }
    this.#calls = {
      calls: before.calls + (attempt === 1 ? 1 : 0),
      attempts: before.attempts + 1,
      ms: before.ms + durationMs,
      last: `${operation} ${status ?? failure ?? ''}`,
      mayHaveActed: before.mayHaveActed || (call.isWrite && call.mayHaveActed)
    }
  }

  read (): RequestSummary {
    const summary: RequestSummary = {
      caller: null,
      idempotency: null,
      isAfterUnknown: false,
      problemCode: null,
      before: undefined,
      after: undefined,
      createdId: undefined,
      billingId: undefined,
      calls: this.#calls,
      isSending: this.#isSending
    }
    let refusedIn: string | undefined
    for (const fact of this.#facts) {
      switch (fact.kind) {
        case 'caller-known': summary.caller = fact.caller; break
        case 'key-claimed':
          summary.idempotency = 'new'
          summary.isAfterUnknown = fact.isAfterUnknown
          break
        case 'key-result': summary.idempotency = fact.result; break
        case 'object-before': summary.before ??= statusOf(fact.status)?.toLowerCase() ?? 'unknown'; break
        case 'object-after':
          summary.after = statusOf(fact.status) ?? summary.after
          if (isLoggableId(fact.createdId)) summary.createdId = fact.createdId
          break
        case 'billing-id': summary.billingId = fact.billingId; break
        case 'problem':
          summary.problemCode = fact.code
          refusedIn = statusOf(fact.currentStatus)
      }
    }
    summary.before ??= refusedIn
    return summary
  }
}

function statusOf (value: unknown): string | undefined {
  return typeof value === 'string' && STATUS.test(value) ? value : undefined
}
