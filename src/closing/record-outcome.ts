import type { CLOSE_CODES } from '../../schemas/bulk-close.ts'

export type OutcomeCode = typeof CLOSE_CODES[number]

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
  /** True: approved records of the usage file may be left. Only `closeFile` sets it. */
  hasMore?: true
}

/**
 * One record to close, and what happened to it so far. It is a class, as the outcomes below are: objects from a literal
 * that live as long as a batch are soon made in V8's old generation (`--trace-gc` shows it). There a million of them
 * wait for a full garbage collection.
 */
export class Item {
  readonly index: number
  readonly id: string
  readonly externalBillingId: string
  readonly externalBillingNote: string | null
  /** True: a call with the record was sent, or is about to be. So Connect may have closed the record. */
  wasSent = false
  /** True: the record shows another billing id, perhaps ours in another form, and this request may have closed it. */
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
