import { createHash } from 'node:crypto'

/** What of an object changes when anything is done to it: short texts without secrets. Two of them are compared. */
export type Snapshot = Readonly<Record<string, string | null>>

/** One request of a write. Those with the same Idempotency-Key are attempts at the same write. */
export interface IdempotentAttempt {
  /** The attempt before this one, when it was sent and nobody knows what came of it. */
  readonly earlier: EarlierAttempt | null
  /** Whether a later attempt can follow. Then the object is read before the send, to be compared with later. */
  readonly isKept: boolean
  /** Keeps how the object is before the write is sent. */
  readonly note: (before: Snapshot) => void
}

export interface EarlierAttempt {
  /** By our own clock. */
  readonly sentAt: Date
  /** How the object was before that attempt; null when that was not kept. */
  readonly before: Snapshot | null
  /** Whether the attempt was so long ago that Connect has ended it: what does not show now will not show later. */
  readonly isOver: boolean
}

/**
 * `overMs`: after this time in milliseconds Connect no longer works on a request. CloudBlue's own clients wait 300 s
 * for the slowest answer.
 */
export const CONNECT_TIMES = { overMs: 300_000 }

/** Without an Idempotency-Key every request is a write of its own. */
export const ONLY_ATTEMPT: IdempotentAttempt = { earlier: null, isKept: false, note: () => {} }

export function isSameSnapshot (a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

/** Gives one short text, a SHA-256, for values of any form. */
export function digestOf (...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}
