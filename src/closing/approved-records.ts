import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/normalize.ts'
import { IdIndex } from './id-index.ts'
import type { SpooledRecords } from './spooled-records.ts'

const PAGE = 1000
/** Of ids, for which room is made by Connect's count: 5 MB. More make the index grow as they come. */
const MAX_EXPECTED = 1_000_000

/** A page of a file's approved records. */
export type ListApproved = (offset: number, limit: number) => Promise<Page<UsageRecord>>

/** The approved records of one usage file, each noted once, however often and on whatever page it is listed. */
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
   * Notes what is listed now and was not before. The list shrinks while records are closed, so nothing may be closed
   * while this runs; what shifts between pages all the same turns up the next time. Throws UPSTREAM_INVALID for a list
   * that cannot be that of the file: an empty one must be empty by Connect's word.
   */
  async collect (): Promise<void> {
    for (let offset = 0; ;) {
      const { items, total, isTotalGuessed } = await this.#list(offset, PAGE)
      if (isTotalGuessed === true) throw invalid('Connect did not tell how many records the file has.')
      if (items.length === 0 && offset === 0 && total > 0) throw invalid('Connect counted approved records and listed none.')
      const expected = Math.min(total, MAX_EXPECTED)
      const ids = this.#ids ??= new IdIndex(expected, async index => (await this.records.at(index)).id)
      for (const record of items) {
        const id = this.#checked(record)
        if (await ids.add(id, this.records.count) !== null) continue
        this.records.append({ id, externalBillingId: null, externalBillingNote: null })
      }
      if (this.records.isFull) await this.records.flush()
      offset += items.length
      if (items.length === 0 || offset >= total) break
    }
    await this.records.flush()
  }

  /** The record's id. A filter that Connect ignored would close what nobody asked for. */
  #checked ({ id, status, usagefile }: UsageRecord): string {
    if (identifier(usagefile?.id) !== this.#fileId) throw invalid('Connect listed records of another usage file.')
    if (identifier(status)?.toLowerCase() !== 'approved') throw invalid('Connect listed records that are not approved.')
    const text = identifier(id)
    if (text === null) throw invalid('Connect listed a record without an id.')
    return text
  }
}

function invalid (detail: string): AppError {
  return new AppError('UPSTREAM_INVALID', `${detail} Nothing was closed.`)
}
