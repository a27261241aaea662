import { Pause } from '../../limits/pause.ts'
import { ConnectResponseError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'

/** Timers may fire a little early. */
const TOLERANCE_MS = 5

/**
 * Remembers for each credential until when Connect wants no calls, after a 429 with Retry-After to a read. That
 * throttles the whole account, not one call. Reads then fail and are not sent. Writes are sent all the same: only
 * Connect can say whether it takes a write.
 */
export class Throttles {
  readonly #now: () => number
  readonly #pauses = new Map<string, Pause>()

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Remembers a 429 with Retry-After. Ignores other errors. */
  note (credential: string, error: unknown): void {
    if (!(error instanceof ConnectResponseError) || error.status !== 429 || error.retryAfterSeconds === null) return
    // `check` threw it. To remember it again would extend the time with each read.
    if (error.sent === 'no') return
    const pause = this.#pauses.get(credential) ?? new Pause(this.#now)
    this.#pauses.set(credential, pause)
    pause.begin(error.retryAfterSeconds)
  }

  /** Throws ConnectResponseError (429, with the rest of the time) while no read may be sent with this credential. */
  check (credential: string, target: CallTarget): void {
    const leftMs = this.#pauses.get(credential)?.leftMs ?? 0
    if (leftMs <= TOLERANCE_MS) return
    const progress = { sent: 'no' as const, bodyComplete: false, status: 429 }
    throw new ConnectResponseError(target, progress, { errorCode: null, errors: [] }, Math.ceil(leftMs / 1000))
  }
}
