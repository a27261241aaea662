import { Pause } from '../../limits/pause.ts'
import { ConnectResponseError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'

/** A pause with so little time left counts as over, because timers may fire a little early. */
const TOLERANCE_MS = 5

interface Throttle {
  readonly pause: Pause
  /** The ids of the requests whose own write got a 429 in this pause. */
  readonly throttledWrites: Set<string>
}

/**
 * Remembers for each credential until when Connect wants no calls, after a 429 with Retry-After. `check` stops calls
 * of the account that begin before that time. Exception: the reads of a request whose own write got a 429. They show
 * whether Connect acted before it answered.
 */
export class Throttles {
  readonly #maxSeconds: number
  readonly #now: () => number
  readonly #throttles = new Map<string, Throttle>()

  /** `maxSeconds`: the longest time that one 429 counts. A wrong Retry-After must not lock an account out for years. */
  constructor (maxSeconds: number, now: () => number = () => performance.now()) {
    this.#maxSeconds = maxSeconds
    this.#now = now
  }

  /** Ignores errors other than a 429 with Retry-After. `writeOf`: the id of the request, for a write only. */
  note (credential: string, error: unknown, writeOf?: string): void {
    if (!(error instanceof ConnectResponseError) || error.status !== 429 || error.retryAfterSeconds === null) return
    // A call that was not sent got this 429 from `check`. Each such call would make the pause longer.
    if (error.sent === 'no') return
    const throttle = this.#throttles.get(credential) ?? { pause: new Pause(this.#now), throttledWrites: new Set() }
    this.#throttles.set(credential, throttle)
    if (throttle.pause.leftMs <= 0) throttle.throttledWrites.clear()
    if (writeOf !== undefined) throttle.throttledWrites.add(writeOf)
    throttle.pause.begin(Math.min(error.retryAfterSeconds, this.#maxSeconds))
  }

  /**
   * Throws a 429 during the pause, except for a read (`readOf`) of a request whose own write got a 429 in the pause.
   */
  check (credential: string, target: CallTarget, readOf?: string): void {
    const throttle = this.#throttles.get(credential)
    const leftMs = throttle?.pause.leftMs ?? 0
    if (leftMs <= TOLERANCE_MS) return
    if (readOf !== undefined && throttle?.throttledWrites.has(readOf) === true) return
    const progress = { sent: 'no' as const, bodyComplete: false, status: 429 }
    throw new ConnectResponseError(target, progress, { errorCode: null, errors: [] }, Math.ceil(leftMs / 1000))
  }
}
