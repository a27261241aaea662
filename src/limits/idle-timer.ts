const TICKS = 4

/**
 * Calls `onIdle` when a sender has sent nothing for `ms` milliseconds. The time begins with the construction. `wait`
 * begins it again from zero, `pause` stops it until the next `wait`, and `end` ends the timer. The timer counts four
 * quarters of `ms`: when other work blocks the event loop, at most one quarter is counted before Node.js reads the
 * bytes that arrived meanwhile.
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

  wait (): void {
    this.#isOn = true
    this.#idleTicks = 0
    this.#timer.refresh()
  }

  pause (): void {
    this.#isOn = false
  }

  end (): void {
    clearInterval(this.#timer)
  }
}
