const TICKS = 4

/**
 * Calls `onIdle` when a sender has sent nothing for `ms` milliseconds. `wait` begins the time again from zero, and
 * `pause` stops it. The timer counts four quarters of `ms`: when other work blocks the event loop, at most one quarter
 * is counted before Node.js reads the bytes that arrived meanwhile.
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
