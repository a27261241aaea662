import type { Page } from '../connect/filters.ts'
import type { UsageRecord } from '../connect/types.ts'
import type { SpooledRecords } from './spooled-records.ts'

const PAGE = 1000

/**
 * Notes the ids of a file's approved records that have not been `seen` before. The list shrinks while records are
 * closed, so nothing is closed while it is read; what shifts between pages all the same turns up in the next round.
 */
export async function collectApproved (
  listApproved: (offset: number, limit: number) => Promise<Page<UsageRecord>>, records: SpooledRecords, seen: (id: string) => Promise<boolean>
): Promise<void> {
  for (let offset = 0; ; offset += PAGE) {
    const { items, total } = await listApproved(offset, PAGE)
    for (const { id } of items) {
      if (typeof id === 'string' && !await seen(id)) await records.append({ id, externalBillingId: null, externalBillingNote: null })
    }
    if (items.length === 0 || offset + items.length >= total) break
  }
  await records.flush()
}
