import { createHash } from 'node:crypto'

/**
 * What is noted of an object, without secrets, to learn later whether something was done to it. A value may be null
 * because Connect does not show it. For a create, `ids` is noted: the ids that were listed before the create.
 */
export type Snapshot = Readonly<Record<string, string | null>>

/** One request for a write. Requests with the same Idempotency-Key are attempts at the same write. */
export interface IdempotentAttempt {
  /** The earlier attempt that sent the write, if its outcome is unknown; otherwise null. */
  readonly earlier: EarlierAttempt | null
  /** True: a later attempt may need the snapshot, so the first attempt reads the object before the send. */
  readonly isKept: boolean
  /** Gets the snapshot from before the write, to be stored for a later attempt. Called before the send. */
  readonly note: (before: Snapshot) => void
}

export interface EarlierAttempt {
  /** By the clock of the state store. Used in messages only. */
  readonly sentAt: Date
  /** The snapshot of the object from before the first send of the write; null when none was stored. */
  readonly before: Snapshot | null
  /** Whether the attempt was sent over `CONNECT_TIMES.overMs` ago: then an effect that does not show will not come. */
  readonly isOver: boolean
}

/** After `overMs` a request counts as ended in Connect: CloudBlue's own clients wait 300 s for the slowest answer. */
export const CONNECT_TIMES = { overMs: 300_000 }

/** The attempt of a request without an Idempotency-Key: no other request is for the same write. */
export const ONLY_ATTEMPT: IdempotentAttempt = { earlier: null, isKept: false, note: () => {} }

export function isSameSnapshot (a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

export function digestOf (...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}
