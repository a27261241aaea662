const TICKS = 4

/**
 * Calls `onIdle` when `ms` milliseconds have passed since the start, or since the last `wait`, without a `pause`: a
 * sender has sent nothing for so long. After that it calls `onIdle` again only after another `wait`.
 *
 * It counts four quarters of the time, because other work may block the event loop. However long that takes, at most
 * one quarter is counted before Node.js reads the bytes that arrived meanwhile. So a blocked event loop alone is not
 * taken for a silence of the sender.
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

  /** Begins the time again from zero, also after `pause`. */
  wait (): void {
    this.#isOn = true
    this.#idleTicks = 0
    this.#timer.refresh()
  }

  /**
   * Stops the time until the next `wait`, which begins again from zero. Is called, for example, while Connect is slow
   * to take the bytes of the sender.
   */
  pause (): void {
    this.#isOn = false
  }

  end (): void {
    clearInterval(this.#timer)
  }
}
