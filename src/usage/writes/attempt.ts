import { createHash } from 'node:crypto'

/** How an object was before a write was sent: short texts without secrets, to be compared with how it is later. */
export type Trace = Readonly<Record<string, string | null>>

/** One request of a write. Those with the same Idempotency-Key are attempts at the same write. */
export interface Attempt {
  /** The attempt before this one, when it was sent and nobody knows what came of it. */
  readonly earlier: EarlierAttempt | null
  /** Whether a later attempt can follow: then it is worth knowing how things were before. */
  readonly isKept: boolean
  /** Notes how things are before the write is sent. */
  readonly note: (before: Trace) => void
}

export interface EarlierAttempt {
  /** By our own clock. */
  readonly sentAt: Date
  /** As it was noted; null when it was not. */
  readonly before: Trace | null
  /** It was so long ago that Connect is no longer at it: what does not show now will not show later. */
  readonly isOver: boolean
}

/** Without an Idempotency-Key every request is a write of its own. */
export const ONLY_ATTEMPT: Attempt = { earlier: null, isKept: false, note: () => {} }

/** How the object was before the first attempt, given how it is now. */
export function tracedBefore ({ earlier }: Attempt, now: Trace): Trace | null {
  return earlier === null ? now : earlier.before
}

export function isSameTrace (a: Trace | null, b: Trace | null): boolean {
  if (a === null || b === null) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

/** Values of any form as one short text. */
export function digestOf (...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}
