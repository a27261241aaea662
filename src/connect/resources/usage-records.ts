import type { UsageRecordsApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { createLosslessReader } from '../lossless-json.ts'
import { objectRoute, route } from '../http/route.ts'

/** Usage records: operations 15 to 19. Amounts and quantities keep every digit. */
export function usageRecords (caller: Caller): UsageRecordsApi {
  const records = route`/usage/records`
  const read = createLosslessReader(['amount', 'usage'])
  return {
    list: (query, ctx) => caller.list('usageRecords.list', records, query, ctx, read),
    count: (filter, ctx) => caller.count('usageRecords.count', records, { filter }, ctx),
    get: (id, ctx) => caller.get('usageRecords.get', objectRoute`/usage/records/${id}`, ctx, read),
    update: (id, body, ctx) =>
      caller.write('usageRecords.update', 'PUT', objectRoute`/usage/records/${id}`, body, ctx, read),
    close: (id, body, ctx) =>
      caller.write('usageRecords.close', 'POST', objectRoute`/usage/records/${id}/close`, body, ctx, read),
    bulkClose: (list, ctx) =>
      caller.writeList('usageRecords.bulkClose', route`/usage/records/close-records`, list, ctx)
  }
}
