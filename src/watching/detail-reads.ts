import type { Semaphore } from '../limits/semaphore.ts'

export interface DetailReadsOptions<Found> {
  readonly slots: Semaphore
  readonly read: (id: string) => Promise<Found>
  /** Gets each detail that was read. `at`: when the call to Connect began, on the clock of `performance.now()`. */
  readonly onDetail: (id: string, found: Found, at: number) => void
  readonly onError: (id: string, error: unknown) => void
}

interface Running<Found> {
  /** When the call to Connect began, on the clock of `performance.now()`; Infinity while the call waits for a slot. */
  startedAt: number
  readonly result: Promise<Found>
}

/**
 * Reads the details of objects. A detail is what Connect shows for the id of one object, and may have more than a list
 * shows. A read shares a call for the same object that began at its `notBefore` or later, or has not begun.
 */
export class DetailReads<Found> {
  readonly #options: DetailReadsOptions<Found>
  readonly #running = new Map<string, Running<Found>>()

  constructor (options: DetailReadsOptions<Found>) {
    this.#options = options
  }

  has (id: string): boolean {
    return this.#running.has(id)
  }

  /** Gives a detail from a call that begins at `notBefore` or later, on the clock of `performance.now()`. */
  async read (id: string, notBefore: number): Promise<Found> {
    const known = this.#running.get(id)
    if (known !== undefined && known.startedAt >= notBefore) return await known.result
    const { slots, read, onDetail, onError } = this.#options
    const work = async (): Promise<Found> => await slots.run(async () => {
      running.startedAt = performance.now()
      try {
        const found = await read(id)
        this.#end(id, running)
        onDetail(id, found, running.startedAt)
        return found
      } catch (error) {
        this.#end(id, running)
        onError(id, error)
        throw error
      }
    })
    const running: Running<Found> = { startedAt: Infinity, result: Promise.resolve().then(work) }
    this.#running.set(id, running)
    return await running.result
  }

  #end (id: string, running: Running<Found>): void {
    if (this.#running.get(id) === running) this.#running.delete(id)
  }
}
