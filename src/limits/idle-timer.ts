const TICKS = 4

/**
 * Calls `onIdle` when a sender has sent nothing for `ms` milliseconds: once in each such silence. The timer begins at
 * once. It counts quarters of the time, because the event loop may be blocked by other work. After that, Node.js first
 * reads the bytes that arrived meanwhile, and only then the next quarter ends. So a blocked event loop does not count
 * as a silence of the sender.
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

  /** Stops the time until the next `wait`. For example, Connect may be slow to take the bytes of the sender. */
  pause (): void {
    this.#isOn = false
  }

  end (): void {
    clearInterval(this.#timer)
  }
}
