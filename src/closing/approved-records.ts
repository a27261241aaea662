import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import { pagesFromLast } from '../usage/paging.ts'
import { IdIndex } from './id-index.ts'
import type { SpooledRecords } from './spooled-records.ts'

/** The index of ids is made for Connect's count, up to this many (5 MB). With more ids the index grows. */
const MAX_EXPECTED = 1_000_000

/** What ids of Connect consist of. Another text could carry markup or secrets to callers, or take seconds to handle. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/** A page of a file's approved records. */
export type ListApproved = (offset: number, limit: number) => Promise<Page<UsageRecord>>

/** A record, and its place among all that were found. */
export interface FoundRecord { id: string, index: number }

/** The approved records of one usage file. Each is noted once, also if Connect lists it on several pages. */
export class ApprovedRecords {
  readonly records: SpooledRecords
  readonly #fileId: string
  readonly #list: ListApproved
  #ids: IdIndex | null = null
  /** What Connect counted at first; null when nothing is listed yet. */
  #counted: number | null = null
  #isRead = false

  constructor (fileId: string, list: ListApproved, records: SpooledRecords) {
    this.#fileId = fileId
    this.#list = list
    this.records = records
  }

  /** Whether Connect has given a page of the list. */
  get isListed (): boolean {
    return this.#counted !== null
  }

  /** The number of records found. Until the list is read to its end: Connect's count, if that is larger. */
  get count (): number {
    return this.#isRead ? this.records.count : Math.max(this.records.count, this.#counted ?? 0)
  }

  /**
   * Reads Connect's list, its last page first, and gives the records that were not noted before, page by page. A page
   * is checked whole before its records are given. They may be closed at once, which shortens the list: that moves no
   * record of a page to come. A record that moves between pages for another reason is found by the next call. Throws
   * UPSTREAM_INVALID for a list that cannot be that of the file, and for one without a total.
   */
  async * read (): AsyncGenerator<readonly FoundRecord[], void, void> {
    const pages = pagesFromLast(async ({ offset, limit }) => {
      const page = await this.#list(offset, limit)
      const items = page.items.map(record => ({ id: this.#checked(record) }))
      this.#counted ??= page.total
      return { ...page, items }
    })
    for await (const { items, total } of pages) {
      const found: FoundRecord[] = []
      for (const { id } of items) {
        const index = await this.#note(id, total)
        if (index !== null) found.push({ id, index })
      }
      if (this.records.isFull) await this.records.flush()
      yield found
    }
    this.#isRead = true
  }

  /** Notes a record. Gives its index, or null when it was noted before. */
  async #note (id: string, total: number): Promise<number | null> {
    const index = this.records.count
    const ids = this.#ids ??= new IdIndex(Math.min(total, MAX_EXPECTED), async at => (await this.records.at(at)).id)
    const found = ids.add(id, index)
    if (found !== null && await found !== null) return null
    this.records.append({ id, externalBillingId: null, externalBillingNote: null })
    return index
  }

  /** Gives the id of an approved record of the file. Throws UPSTREAM_INVALID for any other: it must not be closed. */
  #checked (record: UsageRecord): string {
    const { id, usagefile } = record
    if (identifier(usagefile?.id) !== this.#fileId) throw invalid('Connect listed records of another usage file.')
    if (statusOf(record) !== 'approved') throw invalid('Connect listed records that are not approved.')
    if (identifier(id) === null) throw invalid('Connect listed a record without an id.')
    if (typeof id !== 'string' || !ID.test(id)) {
      throw invalid('Connect listed a record with an id that is not the id of a usage record.')
    }
    return id
  }
}

function invalid (detail: string): AppError {
  return new AppError('UPSTREAM_INVALID', detail)
}
