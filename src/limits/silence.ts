const TICKS = 4

/**
 * Watches a sender for silence of `ms` milliseconds. The time is measured in quarters: when this process itself stood
 * still (a loaded machine, a long collection of garbage), what the sender sent meanwhile is read before the next
 * quarter ends, so that the process does not take its own pause for the silence of the sender.
 */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout
  #isOn = true
  #silentTicks = 0

  constructor (ms: number, onSilence: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#isOn) return
      this.#silentTicks += 1
      if (this.#silentTicks === TICKS) onSilence()
    }, ms / TICKS)
  }

  /** Begins to wait for the sender, anew if it was waiting already. */
  wait (): void {
    this.#isOn = true
    this.#silentTicks = 0
    this.#timer.refresh()
  }

  /** Time that passes from now on is not the sender's, until `wait`. */
  pause (): void {
    this.#isOn = false
  }

  end (): void {
    clearInterval(this.#timer)
  }
}
