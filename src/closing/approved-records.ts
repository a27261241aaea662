import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import { pagesFromLast } from '../usage/paging.ts'
import { IdIndex } from './id-index.ts'
import type { SpooledRecords } from './spooled-records.ts'

/** The most ids for which memory is reserved at once: 5 bytes each, 5 MB in all. For more ids the index grows. */
const MAX_EXPECTED = 1_000_000

/** What may be an id of a record. Another text could bring markup to callers, or take seconds to handle. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

export type ListApproved = (offset: number, limit: number) => Promise<Page<UsageRecord>>

/** A record, and its place among all approved records that were found, from 0. */
export interface FoundRecord { id: string, index: number }

/**
 * Reads the list of the approved records of one usage file, and notes each record once, also if Connect lists it on
 * several pages.
 */
export class ApprovedRecords {
  readonly records: SpooledRecords
  readonly #fileId: string
  readonly #list: ListApproved
  #ids: IdIndex | null = null
  /** Connect's total on the first page whose records passed the check; null until such a page has come. */
  #counted: number | null = null
  #isRead = false

  constructor (fileId: string, list: ListApproved, records: SpooledRecords) {
    this.#fileId = fileId
    this.#list = list
    this.records = records
  }

  /** Whether at least one page has come whose records passed the check. It may have no records. */
  get isListed (): boolean {
    return this.#counted !== null
  }

  /** The number of records found. Until the list was read to its end once: Connect's first count, if that is larger. */
  get count (): number {
    return this.#isRead ? this.records.count : Math.max(this.records.count, this.#counted ?? 0)
  }

  /**
   * Gives the records of Connect's list that were not noted before, page by page, from its last page to its first. They
   * may be closed at once: that shortens the list, but moves no record of a page that is still to come. A record that
   * moves between pages for another reason may be missed; the next `read` can find it. Throws UPSTREAM_INVALID for a
   * list that cannot be right, for example with a record of another file; also the errors of `list` and `records`.
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

  async #note (id: string, total: number): Promise<number | null> {
    const index = this.records.count
    const ids = this.#ids ??= new IdIndex(Math.min(total, MAX_EXPECTED), async at => (await this.records.at(at)).id)
    const found = ids.add(id, index)
    if (found !== null && await found !== null) return null
    this.records.append({ id, externalBillingId: null, externalBillingNote: null })
    return index
  }

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
