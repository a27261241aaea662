import type { ErrorCode } from '../errors/codes.ts'

export type OutcomeCode = 'BILLING_CONFLICT' | 'NOT_CLOSED' | 'CONNECT_REJECTED' | 'DUPLICATE_ID' | 'OUTCOME_UNKNOWN' |
  Extract<ErrorCode, 'CONNECT_FORBIDDEN' | 'UPSTREAM_CREDENTIAL' | 'UPSTREAM_THROTTLED' | 'UPSTREAM_UNREACHABLE' | 'OVERLOADED'>

/** What became of one record. */
export type Fate =
  { outcome: 'closed' } |
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

/** One record on its way: its place in the request and the billing that applies to it. */
export interface Item {
  index: number
  id: string
  externalBillingId: string
  externalBillingNote: string | null
}
