import { StoreUnavailableError, type StoreLog } from './store.ts'

/** While writes fail, at most one trial write begins in so many milliseconds. */
const TRIAL_MS = 250
/** For how many milliseconds a successful write proves that the store takes writes. */
const PROOF_MS = 1_000

/**
 * Tells whether the store takes writes. Only a write shows that: a full store can still be read. After a failed write
 * the store counts as failing until a write succeeds. `trial` makes a write. Either `trial` or the store calls
 * noteSuccess or noteFailure for each write that has a result.
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

  /**
   * Makes a trial write when the last result of a write is too old: PROOF_MS after a success, TRIAL_MS after a failure.
   * Calls at the same time share one trial. Then resolves when the last result was a success, or when there was none;
   * throws StoreUnavailableError when it was a failure.
   */
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
