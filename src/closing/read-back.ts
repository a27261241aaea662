import { ConnectError, ConnectResponseError } from '../connect/errors.ts'
import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { mapAtMost } from '../limits/semaphore.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import { PAGE } from '../usage/paging.ts'
import { ThrottleCounter, type ThrottleState, type Waiting } from './throttle-state.ts'

export interface Reader extends Waiting {
  get: (id: string) => Promise<UsageRecord>
  /** Gives a page of the records of a usage file, sorted by the time of their creation. */
  listFile: (fileId: string, offset: number, limit: number) => Promise<Page<UsageRecord>>
}

/** `missing`: Connect answered 404. `unreadable`: no usable answer came, or the record was not read. */
export type Found = UsageRecord | 'missing' | 'unreadable'

const PARALLEL_READS = 4
/** Up to this number of records, each is read with a call of its own, because that is cheaper than a page. */
const MIN_FOR_PAGES = 8
const MAX_TRIES = 3
/** The most records that are read alone, one after the other, in search of one that Connect finds. */
const MAX_PROBES = 4

/**
 * Reads records back after they were sent. Connect cannot filter records by their ids, so each record takes a call, or
 * the pages of its usage file are read. The records of a batch mostly stand close together in the file, so reading
 * begins at the page where records were found last. A list may lag behind its records, or show wrong statuses.
 */
export class ReadBack {
  readonly #reader: Reader
  readonly #throttle: ThrottleState
  readonly #places = new Map<string, number>()
  readonly #listed = new WeakSet<object>()

  constructor (reader: Reader, throttle: ThrottleState) {
    this.#reader = reader
    this.#throttle = throttle
  }

  async read (ids: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    if (ids.length > MIN_FOR_PAGES) await this.#readPages(ids, found)
    for (const [id, one] of await this.readAlone(ids.filter(id => !found.has(id)))) found.set(id, one)
    return found
  }

  async readAlone (ids: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    await mapAtMost(ids, PARALLEL_READS, async (id) => { found.set(id, await this.#readOne(id)) })
    return found
  }

  /**
   * Reads records of a call that Connect refused because of the account (401 or 403). Perhaps the account may not read
   * them either. Reads single records until Connect shows one, then all others. When such a single record is
   * unreadable, or the first MAX_PROBES records are missing, all that were not read are `unreadable`.
   */
  async readRefused (ids: readonly string[]): Promise<Map<string, Found>> {
    const found = new Map<string, Found>()
    for (const id of ids.slice(0, MAX_PROBES)) {
      const one = await this.#readOne(id)
      found.set(id, one)
      if (one === 'missing') continue
      if (one === 'unreadable') break
      for (const [id, other] of await this.read(ids.filter(id => !found.has(id)))) found.set(id, other)
      return found
    }
    for (const id of ids) if (!found.has(id)) found.set(id, 'unreadable')
    return found
  }

  /** Whether a record was found in a list, not read by its id. */
  isListed (found: Found): found is UsageRecord {
    return typeof found === 'object' && this.#listed.has(found)
  }

  async #readOne (id: string): Promise<Found> {
    const record = await this.#ask(async () => await this.#reader.get(id))
    if (record === null) return 'unreadable'
    // An answer about another record tells nothing of this record.
    return record === 'missing' || record.id === id ? record : 'unreadable'
  }

  /** Finds one record by its id, with MAX_PROBES reads at most. Looks for the others in the list of its usage file. */
  async #readPages (ids: readonly string[], found: Map<string, Found>): Promise<void> {
    for (const id of ids.slice(0, MAX_PROBES)) {
      const one = await this.#readOne(id)
      found.set(id, one)
      if (typeof one === 'string') continue
      const fileId = one.usagefile?.id
      if (typeof fileId !== 'string') return
      for (const [id, row] of await this.#findRows(fileId, one, ids.filter(id => !found.has(id)))) found.set(id, row)
      return
    }
  }

  /**
   * Gives the rows of these records in the list of a file. Reads at most one page for about every eight records. Gives
   * no rows when the list shows another status for `known`, which was read by its id.
   */
  async #findRows (fileId: string, known: UsageRecord, ids: readonly string[]): Promise<Map<string, UsageRecord>> {
    const rows = new Map<string, UsageRecord>()
    const wanted = new Set(ids)
    const start = this.#places.get(fileId) ?? 0
    let offset = start
    let hasWrapped = false
    for (let budget = Math.ceil((ids.length + 1) / MIN_FOR_PAGES); budget > 0 && wanted.size > 0; budget--) {
      const at = offset
      const page = await this.#ask(async () => await this.#reader.listFile(fileId, at, PAGE))
      if (page === null || page === 'missing') break
      let hits = 0
      for (const record of page.items) {
        if (record.id === known.id && statusOf(record) !== statusOf(known)) return new Map()
        // A row without a known status tells nothing: its record is read alone.
        if (typeof record.id !== 'string' || statusOf(record) === null || !wanted.delete(record.id)) continue
        rows.set(record.id, record)
        this.#listed.add(record)
        hits += 1
      }
      if (hits > 0) this.#remember(fileId, offset)
      offset += page.items.length
      if (page.items.length === 0 || offset >= page.total) {
        if (hasWrapped || start === 0) break
        hasWrapped = true
        offset = 0
      } else if (hasWrapped && offset >= start) break
    }
    return rows
  }

  /** Gives the value of a read, `missing` for a 404, and null when no usable answer came or no call may be made. */
  async #ask<T> (read: () => Promise<T>): Promise<T | 'missing' | null> {
    const throttles = new ThrottleCounter(this.#throttle)
    const mayNotWait = (): boolean => this.#reader.isStopping() && !this.#throttle.isOpen()
    for (let tries = 0; ;) {
      if (await this.#throttle.ready(this.#reader, mayNotWait) !== null) return null
      try {
        const value = await read()
        this.#throttle.answered()
        return value
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error
        if (throttles.note(error)) {
          if (throttles.isEnough) return null
          continue
        }
        if (error instanceof ConnectResponseError && error.status < 500) {
          this.#throttle.answered()
          return error.status === 404 ? 'missing' : null
        }
        if (error.kind !== 'overloaded') this.#throttle.lost()
        // A read is not repeated after a time-out or an unusable answer: it would probably end the same way again.
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
