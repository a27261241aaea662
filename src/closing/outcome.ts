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

/** The outcome of one record of a bulk close. */
export type Outcome =
  /** `already`: the record was closed with this billing id before this request sent it. */
  { outcome: 'closed', already?: true } |
  { outcome: 'refused' | 'unknown', code: OutcomeCode, message: string }

export type RecordOutcome = Outcome & { id: string, index: number }

export interface CloseSummary {
  requested: number
  closed: number
  refused: number
  unknown: number
  /** True: approved records of the usage file may be left. Only after the close of a usage file. */
  hasMore?: true
}

/**
 * One record to close: its id, its place in the request, its billing data, and what happened to it so far.
 *
 * It is a class, as the outcomes below are, because these objects live as long as a batch. V8 notes which object
 * literals make objects that live long. Later it creates such objects in its old generation, where a million of them
 * wait for a full garbage collection. `--trace-gc` shows this; the flag `--no-allocation-site-pretenuring` prevents it,
 * too.
 */
export class Item {
  readonly index: number
  readonly id: string
  readonly externalBillingId: string
  readonly externalBillingNote: string | null
  /**
   * True from the moment at which a call with the record leaves this service; false again if nothing of the call was
   * sent. While it is true, Connect may have acted on the record, also after an error.
   */
  wasSent = false
  /**
   * True: the record is closed with another billing id, and it is not certain that it was closed before this request
   * sent it. This close may have been done, because Connect may have stored the billing id in another form.
   */
  mayBeClosed = false

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

export function outcomeOf (id: string, index: number, outcome: Outcome): RecordOutcome {
  return outcome.outcome === 'closed'
    ? new ClosedOutcome(id, index, outcome.already === true)
    : new OpenOutcome(id, index, outcome.outcome, outcome.code, outcome.message)
}
