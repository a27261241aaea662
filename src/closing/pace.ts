import { ConnectResponseError, type ConnectError } from '../connect/errors.ts'
import { AccountPace } from './account-pace.ts'

/** Why a call is not made. */
export type Hold = 'throttled' | 'silent' | 'left' | 'stopping'

export interface Waiting {
  /** Resolves after so many ms, or at once when the caller has left. */
  wait: (ms: number) => Promise<unknown>
  /** Whether nobody waits for the outcomes any more. */
  hasLeft: () => boolean
}

const MAX_WAIT_SECONDS = 120
/** Of a wait at a time: so soon it ends when the service stops. */
const WAIT_STEP_MS = 1000
/** In a row, while Connect lets nobody through. */
const MAX_THROTTLES = 8
const DEFAULT_PATIENCE_MS = 30_000

/**
 * What the calls of one request share: how many records one may hold, when the next one may go, and whether Connect
 * still answers. A pause that Connect asks for holds for all of them, not just for the one that was told, and for the
 * other requests of the account.
 */
export class Pace {
  batchSize: number
  readonly #patienceMs: number
  readonly #account: AccountPace
  #resumeAt = 0
  #silentSince: number | null = null
  #isSilent = false

  /**
   * Takes the size of a batch, the pace of the account, and how long Connect may give no usable answer before nothing
   * more is tried.
   */
  constructor (batchSize: number, account = new AccountPace(), patienceMs = DEFAULT_PATIENCE_MS) {
    this.batchSize = batchSize
    this.#account = account
    this.#patienceMs = patienceMs
  }

  get passes (): number {
    return this.#account.passes
  }

  /** Connect found a call too large. */
  shrinkTo (size: number): void {
    this.batchSize = Math.max(1, Math.min(this.batchSize, size))
  }

  /** Connect wants no calls of the account for so long. */
  throttled (seconds: number): void {
    this.#account.pauseFor(seconds)
  }

  /** Nothing got through to Connect: these calls wait a little. */
  pauseFor (seconds: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, performance.now() + seconds * 1000)
  }

  /** Connect dealt with a call, whatever it thought of it. */
  answered (): void {
    this.#account.pass()
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
    return !this.#isSilent && this.#pauseMs() <= 0
  }

  /** Waits until a call may go, or one that closes where `isStopping` is given; or tells why none will. */
  async ready (waiting: Waiting, isStopping = (): boolean => false): Promise<Hold | null> {
    for (;;) {
      if (waiting.hasLeft()) return 'left'
      if (isStopping()) return 'stopping'
      if (this.#isSilent) return 'silent'
      const left = this.#pauseMs()
      if (left <= 0) return null
      if (left > MAX_WAIT_SECONDS * 1000) return 'throttled'
      await waiting.wait(Math.min(Math.ceil(left), WAIT_STEP_MS))
    }
  }

  #pauseMs (): number {
    return Math.max(this.#resumeAt, this.#account.resumeAt) - performance.now()
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
    this.#pace.throttled(Math.max(error.retryAfterSeconds ?? this.#count, this.#count * 0.05))
    return true
  }

  get isEnough (): boolean {
    return this.#count >= MAX_THROTTLES
  }
}
