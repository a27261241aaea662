/** Runs work of the sandbox after a delay, as Connect does. `clear` cancels the work that has not begun. */
export class Tasks {
  readonly #timers = new Set<NodeJS.Timeout>()
  #generation = 0

  after (ms: number, work: () => void | Promise<void>): void {
    const generation = this.#generation
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (generation === this.#generation) void work()
    }, ms)
    this.#timers.add(timer)
  }

  clear (): void {
    this.#generation += 1
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
