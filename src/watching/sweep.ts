import type { Page } from '../connect/filters.ts'

/**
 * The progress of one whole list of the objects in some statuses, which takes one call for each page. `ids` are those
 * of the pages so far.
 */
export class Sweep {
  /** When the first call began, on the clock of `performance.now()`. */
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

  /** Adds the next page of the list. Gives whether this is the last page. */
  take ({ items, total }: Page<{ readonly id?: unknown }>): boolean {
    for (const { id } of items) if (typeof id === 'string') this.ids.add(id)
    this.#offset += items.length
    return items.length === 0 || this.#offset >= total
  }
}
