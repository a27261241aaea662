import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/mapping/normalize.ts'
import { statusOf } from '../usage/mapping/usage-record.ts'
import { readPages, type Window } from '../usage/paging.ts'
import { IdIndex } from './id-index.ts'
import type { SpooledRecords } from './spooled-records.ts'

/** The index of ids is made for Connect's count, up to this many (5 MB). With more ids the index grows. */
const MAX_EXPECTED = 1_000_000

/** What ids of Connect consist of. Another text could carry markup or secrets to callers, or take seconds to handle. */
const ID = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/** A page of a file's approved records. */
export type ListApproved = (offset: number, limit: number) => Promise<Page<UsageRecord>>

/** The approved records of one usage file. Each is noted once, also if Connect lists it on several pages. */
export class ApprovedRecords {
  readonly records: SpooledRecords
  readonly #fileId: string
  readonly #list: ListApproved
  #ids: IdIndex | null = null

  constructor (fileId: string, list: ListApproved, records: SpooledRecords) {
    this.#fileId = fileId
    this.#list = list
    this.records = records
  }

  /**
   * Reads Connect's list and notes the records that were not noted before. No record may be closed meanwhile, because
   * that shortens the list. A record that moves between pages for another reason is found by the next call. Throws
   * UPSTREAM_INVALID for a list that cannot be that of the file, and for one without a total.
   */
  async collect (): Promise<void> {
    let lastPage = new Set<string>()
    try {
      await readPages(async window => await this.#page(window), async (items, { total }) => {
        const page = new Set<string>()
        for (const record of items) {
          const id = this.#checked(record)
          page.add(id)
          await this.#note(id, total)
        }
        if (this.records.isFull) await this.records.flush()
        // A record that could not be closed is listed again by a later call.
        const fresh = [...page].filter(id => !lastPage.has(id)).length
        lastPage = page
        return fresh
      })
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'UPSTREAM_INVALID') throw error
      throw new AppError('UPSTREAM_INVALID', `${error.message} Nothing was closed.`)
    }
    await this.records.flush()
  }

  async #page (window: Window): Promise<Page<UsageRecord>> {
    const page = await this.#list(window.offset, window.limit)
    if (page.isTotalGuessed === true) throw invalid('Connect did not tell how many records the file has.')
    return page
  }

  async #note (id: string, total: number): Promise<void> {
    const expected = Math.min(total, MAX_EXPECTED)
    const ids = this.#ids ??= new IdIndex(expected, async index => (await this.records.at(index)).id)
    const found = ids.add(id, this.records.count)
    if (found !== null && await found !== null) return
    this.records.append({ id, externalBillingId: null, externalBillingNote: null })
  }

  /** Gives the id of a record of the file. If Connect ignored the filter, other records would be closed. */
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
