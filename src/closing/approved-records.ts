import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from '../usage/normalize.ts'
import { IdIndex } from './id-index.ts'
import type { SpooledRecords } from './spooled-records.ts'

const PAGE = 1000

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
   * while this runs; what shifts between pages all the same turns up the next time.
   */
  async collect (): Promise<void> {
    for (let offset = 0; ; offset += PAGE) {
      const { items, total } = await this.#list(offset, PAGE)
      const ids = this.#ids ??= new IdIndex(total, async index => (await this.records.at(index)).id)
      for (const { id, usagefile } of items) {
        const fileId = identifier(usagefile?.id)
        // A filter that Connect ignored would close what nobody asked for.
        if (fileId !== null && fileId !== this.#fileId) throw new AppError('UPSTREAM_INVALID', 'Connect listed records of another usage file.')
        if (typeof id !== 'string' || await ids.add(id, this.records.count) !== null) continue
        this.records.append({ id, externalBillingId: null, externalBillingNote: null })
      }
      if (this.records.isFull) await this.records.flush()
      if (items.length === 0 || offset + items.length >= total) break
    }
    await this.records.flush()
  }
}
