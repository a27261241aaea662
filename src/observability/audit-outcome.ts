/** How an audited request ended: what Connect did because of it. */
export type AuditOutcome =
  /** Connect has done it, now or when the request came first. */
  | 'done'
  /** Of a bulk close: some records were closed, and others were not sent. */
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

export interface CloseCounts {
  /** Records that came in, or were found in the file. */
  requested: number
  closed: number
  refused: number
  unknown: number
}

/** The outcome of a bulk close, and how many of its records never went to Connect and have no outcome. */
export function outcomeOfCloses (counts: CloseCounts): { outcome: AuditOutcome, notSent: number } {
  const { requested, closed, refused, unknown } = counts
  const notSent = Math.max(0, requested - closed - refused - unknown)
  if (unknown > 0) return { outcome: 'unknown', notSent }
  if (closed === 0) return { outcome: requested === 0 ? 'done' : 'refused', notSent }
  return { outcome: notSent > 0 ? 'partial' : 'done', notSent }
}
