import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { mapAtMost } from '../limits/semaphore.ts'
import { PAGE } from '../usage/paging.ts'
import { Throttles, type Pace, type Waiting } from './pace.ts'

export interface Reader extends Waiting {
  get: (id: string) => Promise<UsageRecord>
  /** A page of a file's records in a stable order. */
  listFile: (fileId: string, offset: number, limit: number) => Promise<Page<UsageRecord>>
}

/** A record as it is in Connect, that it is not there, or that nobody can tell. */
export type Found = UsageRecord | 'missing' | 'unreadable'

const PARALLEL_READS = 4
/** Fewer are cheaper to read one by one. */
const WORTH_PAGING = 8
const MAX_TRIES = 3

/**
 * Reads records back. Connect cannot filter by a record's id, so it is one call a record, or pages of the file they
 * are in. A batch mostly lies together there: the place where one was found is where the next is looked for.
 */
export class ReadBack {
  readonly #reader: Reader
  readonly #pace: Pace
  readonly #places = new Map<string, number>()

  constructor (reader: Reader, pace: Pace) {
    this.#reader = reader
    this.#pace = pace
  }

  async read (ids: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    if (ids.length > WORTH_PAGING) await this.#readPages(ids, found)
    const rest = ids.filter(id => !found.has(id))
    await mapAtMost(rest, PARALLEL_READS, async (id) => { found.set(id, await this.#readOne(id)) })
    return found
  }

  async #readOne (id: string): Promise<Found> {
    const record = await this.#ask(async () => await this.#reader.get(id))
    if (record === null) return 'unreadable'
    // Another record's fate must never be told as this one's.
    return record === 'missing' || record.id === id ? record : 'unreadable'
  }

  /** Never more pages than reading one by one would cost calls, and none twice. */
  async #readPages (ids: readonly string[], found: Map<string, Found>): Promise<void> {
    const first = ids[0] ?? ''
    const one = await this.#readOne(first)
    found.set(first, one)
    const fileId = typeof one === 'string' ? null : one.usagefile?.id
    if (typeof fileId !== 'string') return
    const wanted = new Set(ids.slice(1))
    const start = this.#places.get(fileId) ?? 0
    let offset = start
    let hasWrapped = false
    for (let budget = Math.ceil(ids.length / WORTH_PAGING); budget > 0 && wanted.size > 0; budget--) {
      const at = offset
      const page = await this.#ask(async () => await this.#reader.listFile(fileId, at, PAGE))
      if (page === null || page === 'missing') return
      let hits = 0
      for (const record of page.items) {
        if (typeof record.id !== 'string' || !wanted.delete(record.id)) continue
        found.set(record.id, record)
        hits += 1
      }
      if (hits > 0) this.#remember(fileId, offset)
      offset += page.items.length
      if (page.items.length === 0 || offset >= page.total) {
        if (hasWrapped || start === 0) return
        hasWrapped = true
        offset = 0
      } else if (hasWrapped && offset >= start) return
    }
  }

  /** Reads with patience: what is throttled or did not get through is asked again. Null when nothing helps. */
  async #ask<T> (read: () => Promise<T>): Promise<T | 'missing' | null> {
    const throttles = new Throttles(this.#pace)
    for (let tries = 0; ;) {
      if (await this.#pace.ready(this.#reader) !== null) return null
      try {
        const value = await read()
        this.#pace.answered()
        return value
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error
        if (throttles.note(error)) {
          if (throttles.isEnough) return null
          continue
        }
        if (error instanceof ConnectResponseError && error.status < 500) {
          this.#pace.answered()
          return error.status === 404 ? 'missing' : null
        }
        if (error.kind !== 'overloaded') this.#pace.lost()
        // A read that took its whole time would take it again.
        tries += 1
        if (tries === MAX_TRIES || error.kind === 'timeout' || error.kind === 'bad-payload') return null
        await this.#reader.wait(tries * 250)
      }
    }
  }

  #remember (fileId: string, offset: number): void {
    if (this.#places.size > 1000) this.#places.clear()
    this.#places.set(fileId, offset)
  }
}
