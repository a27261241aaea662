import { ConnectResponseError } from '../connect/errors.ts'
import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { mapBounded } from '../usage/bounded.ts'

export interface Reader {
  get: (id: string) => Promise<UsageRecord>
  /** A page of a file's records in a stable order. */
  listFile: (fileId: string, offset: number, limit: number) => Promise<Page<UsageRecord>>
}

/** A record as it is in Connect, that it is not there, or that nobody can tell. */
export type Found = UsageRecord | 'missing' | 'unreadable'

const PAGE = 1000
const PARALLEL_READS = 4
/** Fewer are cheaper to read one by one. */
const WORTH_PAGING = 8

/**
 * Reads records back. Connect cannot filter by a record's id, so it is one call a record, or pages of the file they
 * are in. A batch mostly lies together there: the place where one was found is where the next is looked for.
 */
export class ReadBack {
  readonly #reader: Reader
  readonly #places = new Map<string, number>()

  constructor (reader: Reader) {
    this.#reader = reader
  }

  async read (ids: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    if (ids.length > WORTH_PAGING) await this.#readPages(ids, found)
    const rest = ids.filter(id => !found.has(id))
    await mapBounded(rest, PARALLEL_READS, async (id) => { found.set(id, await this.#readOne(id)) })
    return found
  }

  async #readOne (id: string): Promise<Found> {
    try {
      return await this.#reader.get(id)
    } catch (error) {
      return error instanceof ConnectResponseError && error.status === 404 ? 'missing' : 'unreadable'
    }
  }

  /** Never more pages than reading one by one would cost calls. */
  async #readPages (ids: readonly string[], found: Map<string, Found>): Promise<void> {
    const first = ids[0] ?? ''
    const one = await this.#readOne(first)
    found.set(first, one)
    const fileId = typeof one === 'string' ? null : one.usagefile?.id
    if (typeof fileId !== 'string') return
    const wanted = new Set(ids.slice(1))
    let offset = this.#places.get(fileId) ?? 0
    for (let budget = Math.ceil(ids.length / WORTH_PAGING); budget > 0 && wanted.size > 0; budget--) {
      const page = await this.#reader.listFile(fileId, offset, PAGE).catch(() => null)
      if (page === null) return
      let hits = 0
      for (const record of page.items) {
        if (typeof record.id !== 'string' || !wanted.delete(record.id)) continue
        found.set(record.id, record)
        hits += 1
      }
      if (hits > 0) this.#remember(fileId, offset)
      offset += PAGE
      if (offset >= page.total) offset = 0
    }
  }

  #remember (fileId: string, offset: number): void {
    if (this.#places.size > 1000) this.#places.clear()
    this.#places.set(fileId, offset)
  }
}
