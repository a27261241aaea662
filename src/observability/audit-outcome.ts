import type { CloseCounts } from '../closing/progress.ts'

/** The outcome of an audited request: the effect that it had in Connect. */
export type AuditOutcome =
  /**
   * The answer was a success: Connect has made the change that the request asks for, if any, or works on it. For a bulk
   * close: at least one record is closed, and the same request would probably close no other; or there was no record.
   */
  | 'done'
  /**
   * For a bulk close: some records are closed, and the same request may close others later. For a report: at least one
   * of its writes is done, and the answer was an error.
   */
  | 'partial'
  /** This request counts as having changed nothing. For a bulk close: no record has the outcome `closed`. */
  | 'refused'
  /** Connect may have made the change, or not. For a bulk close: this is so for at least one record. */
  | 'unknown'

export interface AnsweredFacts {
  /** The HTTP status of the answer; 499 when the caller has left before it. */
  status: number
  /** The code of the problem in the answer; null for a success, and when the caller has left. */
  code: string | null
  /** Whether a write of this request, or of an earlier one with the same key, may have had an effect. */
  mayHaveActed: boolean
  /** For a report: whether at least one of its writes (create, upload, submit) was done. Default: false. */
  hasStepsDone?: boolean
  /** Whether an earlier request with the same key sent its write, and the outcome of that is still unknown. */
  isEarlierUnknown: boolean
}

export function outcomeOfAnswer (
  { status, code, mayHaveActed, isEarlierUnknown, hasStepsDone = false }: AnsweredFacts
): AuditOutcome {
  if (status < 400) return 'done'
  if (code === 'OUTCOME_UNKNOWN' || isEarlierUnknown) return 'unknown'
  if (hasStepsDone) return 'partial'
  // INTERNAL, a bug of this service, does not tell whether a write had an effect. Nor does BILLING_CONFLICT: Connect
  // may have closed, and stored the billing id in another form.
  return (code === 'INTERNAL' || code === 'BILLING_CONFLICT') && mayHaveActed ? 'unknown' : 'refused'
}

/** `requested` is the number of all records: those of the request, or those that were found in the usage file. */
export function outcomeOfCloses (
  { requested, closed, refused, unknown, interrupted, inDoubt }: CloseCounts & { requested: number }
): { outcome: AuditOutcome, records: Record<string, number> } {
  const notSent = Math.max(0, requested - closed - refused - unknown)
  const records = { requested, closed, refused, unknown, notSent }
  if (unknown + inDoubt > 0) return { outcome: 'unknown', records }
  if (closed === 0) return { outcome: requested === 0 ? 'done' : 'refused', records }
  return { outcome: notSent + interrupted > 0 ? 'partial' : 'done', records }
}
