import { StoreUnavailableError, type StoreLog } from './store.ts'

/** While writes fail, readiness and writes without a key ask for one trial in so long. */
const TRIAL_MS = 250

/**
 * Whether the store takes writes, as the last one showed: what can be read may be full. After a write that failed the
 * store counts as failing until one works; `trial` makes one, and ends as a write of the store ends.
 */
export class WriteTrial {
  readonly #trial: () => Promise<unknown>
  readonly #log: StoreLog
  #isFailing = false
  #nextAt = 0

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
    if (!this.#isFailing) return
    this.#isFailing = false
    this.#log.info({}, 'the state store can be written again')
  }

  /** Resolves while writes work; throws StoreUnavailableError while they do not. */
  async check (): Promise<void> {
    if (!this.#isFailing) return
    if (performance.now() >= this.#nextAt) {
      this.#nextAt = performance.now() + TRIAL_MS
      // Its end is noted by the store, as that of any write.
      await this.#trial().catch(() => {})
    }
    if (this.#isFailing) throw new StoreUnavailableError('the store cannot be written')
  }
}
