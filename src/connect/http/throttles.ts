import { ConnectResponseError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'

/** The longest time for which reads are refused, in milliseconds: a Retry-After may be wrong. */
const MAX_HOLD_MS = 300_000
/** Timers may fire a little early. */
const TOLERANCE_MS = 5

/**
 * Remembers for each credential until when Connect wants no calls. A 429 with Retry-After throttles the whole account,
 * not one call. Reads then fail without being sent. Writes are sent all the same: only Connect can say whether it takes
 * a write, and a 429 proves that it did not.
 */
export class Throttles {
  readonly #now: () => number
  readonly #heldUntil = new Map<string, number>()

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Remembers a 429 with Retry-After. Ignores other errors. */
  note (credential: string, error: unknown): void {
    if (!(error instanceof ConnectResponseError) || error.status !== 429 || error.retryAfterSeconds === null) return
    // `check` threw it. To remember it again would extend the time with each read.
    if (error.sent === 'no') return
    const until = this.#now() + Math.min(error.retryAfterSeconds * 1000, MAX_HOLD_MS)
    this.#heldUntil.set(credential, Math.max(until, this.#heldUntil.get(credential) ?? 0))
  }

  /** Throws a 429 with the rest of the time while no read may be sent with this credential. */
  check (credential: string, target: CallTarget): void {
    const until = this.#heldUntil.get(credential)
    if (until === undefined) return
    const leftMs = until - this.#now()
    if (leftMs <= TOLERANCE_MS) {
      this.#heldUntil.delete(credential)
      return
    }
    const progress = { sent: 'no' as const, bodyComplete: false, status: 429 }
    throw new ConnectResponseError(target, progress, { errorCode: null, errors: [] }, Math.ceil(leftMs / 1000))
  }
}
