import { ConnectResponseError } from '../connect/errors.ts'

export interface RoundsOptions {
  /** The shortest time between the beginnings of two rounds, in ms. */
  readonly gapMs: number
  readonly run: () => Promise<void>
  /** Gets the error of each failed round. `isFirst`: the round before did not fail. */
  readonly onFailure: (error: unknown, isFirst: boolean) => void
}

/** The longest planned time between two rounds without a `Retry-After`, as a multiple of `gapMs`. */
const MAX_GAPS = 7
const MAX_RETRY_AFTER_MS = 60_000

/**
 * Runs rounds (calls of `run`), one after the other, while they are wanted. The planned time between the beginnings of
 * two rounds is a tenth of the time since the last change, but at least one gap (`gapMs`) and at most seven. After
 * failures the pause is 2, then 4, then 7 gaps, or the `Retry-After` of Connect (60 s at most) if that is longer.
 */
export class Rounds {
  readonly #options: RoundsOptions
  #timer: NodeJS.Timeout | undefined
  #dueAt = Infinity
  #isWanted = false
  #isRunning = false
  #isStopped = false
  #startedAt = -Infinity
  #notBefore = -Infinity
  #activeAt = -Infinity
  #failures = 0

  constructor (options: RoundsOptions) {
    this.#options = options
  }

  get areFailing (): boolean { return this.#failures > 0 }

  /** Runs rounds from now on: plans one in `delayMs`, or after the pause, unless one runs or is planned for earlier. */
  begin (delayMs: number): void {
    this.#isWanted = true
    this.noteChange()
    this.#schedule(performance.now() + delayMs)
  }

  /** Notes that something has changed. Rounds that are planned after this call follow quickly: more may change soon. */
  noteChange (): void {
    this.#activeAt = performance.now()
  }

  rest (): void {
    clearTimeout(this.#timer)
    this.#isWanted = false
    this.#dueAt = Infinity
  }

  stop (): void {
    this.rest()
    this.#isStopped = true
  }

  #schedule (wishedAt: number): void {
    if (this.#isStopped || this.#isRunning || !this.#isWanted) return
    const at = Math.max(wishedAt, this.#startedAt + this.#options.gapMs, this.#notBefore)
    if (at >= this.#dueAt) return
    clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => { void this.#round() }, Math.ceil(at - performance.now()) + 1)
  }

  async #round (): Promise<void> {
    this.#isRunning = true
    this.#startedAt = performance.now()
    try {
      await this.#options.run()
      this.#failures = 0
    } catch (error) {
      this.#options.onFailure(error, this.#failures === 0)
      this.#failures += 1
      this.#notBefore = performance.now() + this.#pauseAfter(error)
    }
    this.#isRunning = false
    this.#dueAt = Infinity
    const { gapMs } = this.#options
    const quietMs = performance.now() - this.#activeAt
    this.#schedule(this.#startedAt + Math.min(MAX_GAPS * gapMs, Math.max(gapMs, quietMs / 10)))
  }

  #pauseAfter (error: unknown): number {
    const seconds = error instanceof ConnectResponseError ? error.retryAfterSeconds ?? 0 : 0
    const ownMs = this.#options.gapMs * Math.min(MAX_GAPS, 2 ** this.#failures)
    return Math.max(ownMs, Math.min(seconds * 1000, MAX_RETRY_AFTER_MS))
  }
}
