import type { CloseCounts } from '../closing/progress.ts'

/** How an audited request ended: what Connect did because of it. */
export type AuditOutcome =
  /** Connect has done it, now or when the request came first. */
  | 'done'
  /** Of a bulk close: some records were closed, and Connect was not asked about others. */
  | 'partial'
  /** Connect has done nothing because of it. */
  | 'refused'
  /** Connect may have done it. */
  | 'unknown'

export interface AnsweredFacts {
  /** Of the answer. */
  status: number
  /** Of its problem; null for a success. */
  code: string | null
  /** A call that may change something may have had an effect. */
  mayHaveActed: boolean
  /** An earlier request with the same key was sent, and its outcome is not known still. */
  isEarlierUnknown: boolean
}

/** The outcome of a request that was answered, or would have been if its caller had stayed. */
export function outcomeOfAnswer ({ status, code, mayHaveActed, isEarlierUnknown }: AnsweredFacts): AuditOutcome {
  if (status < 400) return 'done'
  if (code === 'OUTCOME_UNKNOWN' || isEarlierUnknown) return 'unknown'
  // A fault of ours says nothing about a call that went out before it.
  return code === 'INTERNAL' && mayHaveActed ? 'unknown' : 'refused'
}

/** `requested`: how many records came in, or were found in the file. */
export function outcomeOfCloses (
  { requested, closed, refused, unknown, interrupted }: CloseCounts & { requested: number }
): { outcome: AuditOutcome, records: Record<string, number> } {
  // These never went to Connect and have no outcome.
  const notSent = Math.max(0, requested - closed - refused - unknown)
  const records = { requested, closed, refused, unknown, notSent }
  if (unknown > 0) return { outcome: 'unknown', records }
  if (closed === 0) return { outcome: requested === 0 ? 'done' : 'refused', records }
  return { outcome: notSent + interrupted > 0 ? 'partial' : 'done', records }
}
