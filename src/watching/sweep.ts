import type { Page } from '../connect/filters.ts'

/** A list by status that may take several calls, one page each. */
export class Sweep {
  /** On the clock of `performance.now()`. */
  readonly startedAt: number
  readonly ids = new Set<string>()
  readonly #statuses: string
  #offset = 0

  constructor (statuses: readonly string[], startedAt: number) {
    this.#statuses = statuses.join()
    this.startedAt = startedAt
  }

  get offset (): number { return this.#offset }

  isOf (statuses: readonly string[]): boolean {
    return statuses.join() === this.#statuses
  }

  /** Takes the next page. Gives whether it is the last one. */
  take ({ items, total }: Page<{ readonly id?: unknown }>): boolean {
    for (const { id } of items) if (typeof id === 'string') this.ids.add(id)
    this.#offset += items.length
    return items.length === 0 || this.#offset >= total
  }
}
