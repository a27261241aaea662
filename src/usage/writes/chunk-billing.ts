import type { Page, UsageRecordFilter } from '../../connect/filters.ts'
import type * as Connect from '../../connect/types.ts'
import { fieldsOf, identifier, time } from '../mapping/normalize.ts'
import { readPages, type Window } from '../paging.ts'

/** The most pages of closed records that are searched. When these do not decide, the outcome stays unknown. */
const MAX_SEARCHED_PAGES = 50

/**
 * Whether the close of a chunk gave its records this billing id. The close of a chunk closes its approved records at
 * the same time or right after; records that were closed one by one were closed before the chunk. So the billing id of
 * a record that was closed no earlier than the chunk decides. Without such a record, the record that was closed last
 * decides. False also when no record decides.
 */
export async function isClosedWith (
  chunk: Connect.UsageChunk,
  billingId: string,
  list: (filter: UsageRecordFilter, window: Window) => Promise<Page<Connect.UsageRecord>>
): Promise<boolean> {
  const [file, hub] = [
    identifier(fieldsOf(chunk.usagefile)?.['id']),
    identifier(fieldsOf(fieldsOf(chunk.binding)?.['hub'])?.['id'])
  ]
  if (file === null || hub === null) return false
  const filter = { 'usagefile.id': file, 'hub.id': hub, status: 'closed' } as const
  const chunkClosedAt = closingTime(fieldsOf(fieldsOf(chunk.events)?.['closed'])?.['at']) ?? NaN
  let last: Connect.UsageRecord | null = null
  let isKnown = false
  let firstId: unknown = null
  let pages = 0
  await readPages(
    async window => await list(filter, window),
    records => {
      for (const record of records) {
        if (last === null || closedAt(record) >= closedAt(last)) last = record
      }
      isKnown = last !== null && closedAt(last) >= chunkClosedAt
      pages += 1
      if (isKnown || pages === MAX_SEARCHED_PAGES) return 'enough'
      const isRepeated = records[0]?.id === firstId
      firstId = records[0]?.id
      return isRepeated ? 0 : records.length
    }
  )
  if (!isKnown && pages === MAX_SEARCHED_PAGES) return false
  return last !== null && identifier((last as Connect.UsageRecord).external_billing_id) === billingId
}

function closedAt (record: Connect.UsageRecord): number {
  return closingTime(record.closed_at) ?? 0
}

function closingTime (value: unknown): number | null {
  return Date.parse(time(value) ?? '') || null
}
