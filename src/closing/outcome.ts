import type { ErrorCode } from '../errors/codes.ts'

export type OutcomeCode =
  | 'BILLING_CONFLICT'
  | 'NOT_CLOSED'
  | 'NOT_FOUND'
  | 'CONNECT_REJECTED'
  | 'DUPLICATE_ID'
  | 'OUTCOME_UNKNOWN'
  | Extract<
      ErrorCode,
      | 'CONNECT_FORBIDDEN'
      | 'UPSTREAM_CREDENTIAL'
      | 'UPSTREAM_THROTTLED'
      | 'UPSTREAM_UNREACHABLE'
      | 'OVERLOADED'
      | 'DRAINING'
    >

/** What became of one record. */
export type Fate =
  /** `already`: with this billing id, before this request sent it. */
  { outcome: 'closed', already?: true } |
  { outcome: 'refused' | 'unknown', code: OutcomeCode, message: string }

export type RecordOutcome = Fate & { id: string, index: number }

export interface CloseSummary {
  requested: number
  closed: number
  refused: number
  unknown: number
  /** Of a usage file alone: approved records may be left. */
  hasMore?: true
}

/**
 * One record on its way: its place in the request and the billing that applies to it.
 *
 * A class, as all that lives as long as a batch: V8 learns where the objects of a literal grow old, then makes all of
 * them in the old generation, and a million of them wait there for a full collection. Seen with --trace-gc; the flag
 * --no-allocation-site-pretenuring has the same effect.
 */
export class Item {
  readonly index: number
  readonly id: string
  readonly externalBillingId: string
  readonly externalBillingNote: string | null
  /** A call with the record has left this service: Connect may have acted on it, whatever it answered. */
  wasSent = false

  constructor (index: number, id: string, externalBillingId: string, externalBillingNote: string | null) {
    this.index = index
    this.id = id
    this.externalBillingId = externalBillingId
    this.externalBillingNote = externalBillingNote
  }
}

class ClosedOutcome {
  readonly id: string
  readonly index: number
  readonly outcome = 'closed'
  declare readonly already?: true

  constructor (id: string, index: number, already: boolean) {
    this.id = id
    this.index = index
    if (already) this.already = true
  }
}

class OpenOutcome {
  readonly id: string
  readonly index: number
  readonly outcome: 'refused' | 'unknown'
  readonly code: OutcomeCode
  readonly message: string

  constructor (id: string, index: number, outcome: 'refused' | 'unknown', code: OutcomeCode, message: string) {
    this.id = id
    this.index = index
    this.outcome = outcome
    this.code = code
    this.message = message
  }
}

export function outcomeOf (id: string, index: number, fate: Fate): RecordOutcome {
  return fate.outcome === 'closed'
    ? new ClosedOutcome(id, index, fate.already === true)
    : new OpenOutcome(id, index, fate.outcome, fate.code, fate.message)
}
