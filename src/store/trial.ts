import { StoreUnavailableError, type StoreLog } from './store.ts'

/** While writes fail, at most one trial write begins in this number of milliseconds. */
const TRIAL_MS = 250
/** For how many milliseconds a successful write proves that the store takes writes. */
const PROOF_MS = 1_000

/**
 * Knows whether the store takes writes: by the results that the store notes here, and by a trial write in `check` when
 * the last result is too old. Reads do not show it, because a full store can still be read.
 */
export class WriteTrial {
  readonly #trial: () => Promise<unknown>
  readonly #log: StoreLog
  #isFailing = false
  #nextAt = 0
  #running: Promise<unknown> | null = null

  constructor (trial: () => Promise<unknown>, log: StoreLog) {
    this.#trial = trial
    this.#log = log
  }

  noteFailure (error: unknown): void {
    this.#nextAt = performance.now() + TRIAL_MS
    if (this.#isFailing) return
    this.#isFailing = true
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error)
    this.#log.error({ reason }, 'the state store cannot be written: writes are refused until it can')
  }

  noteSuccess (): void {
    this.#nextAt = performance.now() + PROOF_MS
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#log.info({}, 'the state store can be written again')
  }

  /** Makes a trial write when the last result is too old. Throws StoreUnavailableError if the last write failed. */
  async check (): Promise<void> {
    if (this.#running === null && performance.now() >= this.#nextAt) {
      this.#nextAt = performance.now() + TRIAL_MS
      // The error of the trial is ignored here: the store has noted the result, if the write had one.
      this.#running = this.#trial().catch(() => {}).finally(() => { this.#running = null })
    }
    await this.#running
    if (this.#isFailing) throw new StoreUnavailableError('the store cannot be written')
  }
}
