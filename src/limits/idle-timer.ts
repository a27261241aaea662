const TICKS = 4

/**
 * Calls `onIdle` once when a sender has sent nothing for `ms` milliseconds. The timer counts quarters of that time. If
 * the event loop is blocked (by load or by a long garbage collection), Node.js reads the bytes that arrived meanwhile
 * before the next quarter ends, so the blocked time does not count as silence of the sender.
 */
export class IdleTimer {
  readonly #timer: NodeJS.Timeout
  #isOn = true
  #idleTicks = 0

  constructor (ms: number, onIdle: () => void) {
    this.#timer = setInterval(() => {
      if (!this.#isOn) return
      this.#idleTicks += 1
      if (this.#idleTicks === TICKS) onIdle()
    }, ms / TICKS)
  }

  /** Starts the time again from zero. */
  wait (): void {
    this.#isOn = true
    this.#idleTicks = 0
    this.#timer.refresh()
  }

  /** Stops the time until `wait`, for example while Connect is slow to take the bytes. */
  pause (): void {
    this.#isOn = false
  }

  /** Ends the timer for good. */
  end (): void {
    clearInterval(this.#timer)
  }
}
