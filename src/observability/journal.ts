import type { CallObservation } from '../connect/api.ts'
import type { Caller } from '../credentials/callers.ts'
import type { IdempotencyResult } from '../idempotency/keyed-attempt.ts'
import type { RequestTrace } from './tracing/trace.ts'

/** A fact about a request, for its log line, its audit line, its metrics and its trace. */
export type Fact =
  | { kind: 'caller-known', caller: Caller }
  /** `isAfterUnknown`: an earlier request with the key was sent, and its outcome is not known. */
  | { kind: 'key-claimed', isAfterUnknown: boolean }
  | { kind: 'key-result', result: IdempotencyResult }
  /** `mayHaveActed`: a write of the earlier request, whose answer is sent again, may have had an effect. */
  | { kind: 'replayed', mayHaveActed: boolean }
  /** The status of the object in Connect before the write. */
  | { kind: 'object-before', status: unknown }
  /** The status of the object in a successful answer; `createdId` is its id when the answer is 201, else undefined. */
  | { kind: 'object-after', status: unknown, createdId: unknown }
  /** The billing id of a bulk close for all records that have none of their own; null when the request has none. */
  | { kind: 'billing-id', billingId: string | null }
  /** The rows of the request, as a check counted them. `amount`: the exact sum of their amounts, null without one. */
  | { kind: 'rows', total: number, amount: string | null }
  /** A published report. `steps`: those that ended, each with its outcome, such as `create` with `done` or `kept`. */
  | { kind: 'report', fileId: string | null, steps: Readonly<Record<string, string>> }
  /** The problem that the caller gets. `currentStatus`: that of the problem, if it has one. */
  | { kind: 'problem', code: string, currentStatus: unknown }

/** `ms` adds up the milliseconds of all attempts, also of those that ran at the same time. */
interface CallSum {
  calls: number
  attempts: number
  ms: number
  /** The operation and the status or failure of the attempt that ended last. */
  last: string
  /** Whether one of the calls was a write that may have had an effect. */
  mayHaveActed: boolean
}

export interface RequestSummary {
  caller: Caller | null
  /** `new` from the claim of the key on, until there is another result. Null without a key, and before any result. */
  idempotency: IdempotencyResult | null
  isAfterUnknown: boolean
  /** Whether a write of the earlier request whose answer is sent again may have had an effect. */
  hasReplayedActed: boolean
  problemCode: string | null
  /**
   * The status of the object before the write, in lower case, where it was noted; `unknown` when Connect showed none.
   * Where it was not noted: `currentStatus` of the problem, or undefined.
   */
  before: string | undefined
  after: string | undefined
  createdId: string | undefined
  billingId: string | null | undefined
  rows: { total: number, amount: string | null } | undefined
  report: { file: string | null, steps: Readonly<Record<string, string>> } | undefined
  calls: CallSum | null
  /** True from `writeBegan` until an attempt at a write ends, with an answer or without. */
  isSending: boolean
}

const ID = /^[A-Za-z0-9][\w.:-]{0,99}$/
const STATUS = /^[a-z_-]{1,30}$/i

/** Whether a value can be logged as an id. A caller can put any other text into a path. */
export function isLoggableId (value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

/** The facts about one request. Plugins and handlers add facts, and only src/observability reads them. */
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

  /** Gives the header `traceparent` of an attempt. Calls to a storage host do not send it. */
  callBegan (operation: string, attempt: number): string {
    return this.#trace.beginCall(operation, attempt)
  }

  /** Notes that from now on Connect may have received a write whole. */
  writeBegan (): void {
    this.#isSending = true
  }

  /** Adds an attempt to the sums. Keeps no list of the calls, because a bulk close makes thousands of them. */
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
      hasReplayedActed: false,
      problemCode: null,
      before: undefined,
      after: undefined,
      createdId: undefined,
      billingId: undefined,
      rows: undefined,
      report: undefined,
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
        case 'replayed': summary.hasReplayedActed = fact.mayHaveActed; break
        case 'object-before': summary.before ??= statusOf(fact.status)?.toLowerCase() ?? 'unknown'; break
        case 'object-after':
          summary.after = statusOf(fact.status) ?? summary.after
          if (isLoggableId(fact.createdId)) summary.createdId = fact.createdId
          break
        case 'billing-id': summary.billingId = fact.billingId; break
        case 'rows': summary.rows = { total: fact.total, amount: fact.amount }; break
        case 'report': summary.report = { file: fact.fileId, steps: fact.steps }; break
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
