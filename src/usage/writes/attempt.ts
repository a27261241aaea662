import { createHash } from 'node:crypto'

/**
 * The values of an object that change when anything is done to it, as short texts without secrets. Two snapshots are
 * compared to learn whether something was done.
 */
export type Snapshot = Readonly<Record<string, string | null>>

/** One request for a write. Requests with the same Idempotency-Key are attempts at the same write. */
export interface IdempotentAttempt {
  /** The attempt before this one, if it was sent and its outcome is unknown; otherwise null. */
  readonly earlier: EarlierAttempt | null
  /**
   * Whether a later attempt can follow. Then the object is read before the send, so that the later attempt can compare.
   */
  readonly isKept: boolean
  /** Keeps the snapshot of the object before the write, for a later attempt. */
  readonly note: (before: Snapshot) => void
}

export interface EarlierAttempt {
  /** When that attempt was sent, by the clock of this service. */
  readonly sentAt: Date
  /** The snapshot of the object before that attempt; null when none was kept. */
  readonly before: Snapshot | null
  /**
   * Whether that attempt was so long ago that Connect has ended it. Then an effect that does not show now will not
   * come.
   */
  readonly isOver: boolean
}

/**
 * The times of Connect. `overMs`: after so many milliseconds Connect no longer works on a request. CloudBlue's own
 * clients wait 300 s for the slowest answer.
 */
export const CONNECT_TIMES = { overMs: 300_000 }

/** The attempt of a request without an Idempotency-Key: no other request is for the same write. */
export const ONLY_ATTEMPT: IdempotentAttempt = { earlier: null, isKept: false, note: () => {} }

export function isSameSnapshot (a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

/** Gives the SHA-256 of values of any form, in base64url. */
export function digestOf (...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}
