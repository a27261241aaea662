import { ConnectResponseError, type ConnectError } from '../connect/errors.ts'

/** Why a call is not made. */
export type Hold = 'throttled' | 'silent' | 'left'

export interface Waiting {
  /** Resolves after so many ms, or at once when the caller has left. */
  wait: (ms: number) => Promise<unknown>
  /** Whether nobody waits for the outcomes any more. */
  hasLeft: () => boolean
}

const MAX_WAIT_SECONDS = 120
/** In a row, while Connect lets nobody through. */
const MAX_THROTTLES = 8
const DEFAULT_PATIENCE_MS = 30_000

/**
 * What the calls of one request share: how many records one may hold, when the next one may go, and whether Connect
 * still answers. A pause that Connect asks for holds for all of them, not just for the one that was told.
 */
export class Pace {
  batchSize: number
  readonly #patienceMs: number
  #resumeAt = 0
  #passes = 0
  #silentSince: number | null = null
  #isSilent = false

  /** Takes the size of a batch, and how long Connect may give no usable answer before nothing more is tried. */
  constructor (batchSize: number, patienceMs = DEFAULT_PATIENCE_MS) {
    this.batchSize = batchSize
    this.#patienceMs = patienceMs
  }

  /** How many calls Connect has dealt with: somebody who is throttled meanwhile has only been unlucky. */
  get passes (): number {
    return this.#passes
  }

  /** Connect found a call too large. */
  shrinkTo (size: number): void {
    this.batchSize = Math.max(1, Math.min(this.batchSize, size))
  }

  pauseFor (seconds: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, performance.now() + seconds * 1000)
  }

  /** Connect dealt with a call, whatever it thought of it. */
  answered (): void {
    this.#passes += 1
    this.#silentSince = null
  }

  /** A call ended without a usable answer. */
  lost (): void {
    const now = performance.now()
    this.#silentSince ??= now
    if (now - this.#silentSince >= this.#patienceMs) this.#isSilent = true
  }

  /** Whether a call may go at this very moment. */
  isOpen (): boolean {
    return !this.#isSilent && performance.now() >= this.#resumeAt
  }

  /** Waits until a call may go; or tells why none will. */
  async ready (waiting: Waiting): Promise<Hold | null> {
    for (;;) {
      if (waiting.hasLeft()) return 'left'
      if (this.#isSilent) return 'silent'
      const left = this.#resumeAt - performance.now()
      if (left <= 0) return null
      if (left > MAX_WAIT_SECONDS * 1000) return 'throttled'
      await waiting.wait(Math.ceil(left))
    }
  }
}

/** Counts how often one call was throttled while nobody else got through. */
export class Throttles {
  readonly #pace: Pace
  #count = 0
  #passes: number

  constructor (pace: Pace) {
    this.#pace = pace
    this.#passes = pace.passes
  }

  /** Takes an answer; true when it was a 429: the pause is noted, and the call may be made again unless `isEnough`. */
  note (error: ConnectError): boolean {
    if (!(error instanceof ConnectResponseError) || error.status !== 429) return false
    if (this.#pace.passes !== this.#passes) this.#count = 0
    this.#passes = this.#pace.passes
    this.#count += 1
    this.#pace.pauseFor(Math.max(error.retryAfterSeconds ?? this.#count, this.#count * 0.05))
    return true
  }

  get isEnough (): boolean {
    return this.#count >= MAX_THROTTLES
  }
}
