import type { CallObservation } from '../../connect/api.ts'
import type { Snapshot } from './snapshot.ts'

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

/** Whether Connect counts as done with a write that was sent `ageMs` milliseconds ago. */
export function isOver (ageMs: number): boolean {
  return ageMs > CONNECT_TIMES.overMs
}

/**
 * Whether the last write of a request may have had an effect, by this call or an earlier send of the same call.
 * `before` is what was known before this call. A read changes nothing.
 */
export function mayHaveActedAfter ({ isWrite, attempt, mayHaveActed }: CallObservation, before: boolean): boolean {
  return isWrite ? mayHaveActed || (attempt > 1 && before) : before
}

/** The attempt of a request without an Idempotency-Key: no other request is for the same write. */
export const ONLY_ATTEMPT: IdempotentAttempt = { earlier: null, isKept: false, note: () => {} }
