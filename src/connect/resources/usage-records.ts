import type { UsageRecordsApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { createLosslessReader } from '../lossless-json.ts'
import { objectRoute, route } from '../http/route.ts'

export function usageRecords (requester: ConnectRequester): UsageRecordsApi {
  const records = route`/usage/records`
  const read = createLosslessReader(['amount', 'usage'])
  return {
    list: (query, ctx) => requester.list('usageRecords.list', records, query, ctx, read),
    count: (filter, ctx) => requester.count('usageRecords.count', records, { filter }, ctx),
    get: (id, ctx) => requester.get('usageRecords.get', objectRoute`/usage/records/${id}`, ctx, read),
    update: (id, body, ctx) =>
      requester.write('usageRecords.update', 'PUT', objectRoute`/usage/records/${id}`, body, ctx, read),
    close: (id, body, ctx) =>
      requester.write('usageRecords.close', 'POST', objectRoute`/usage/records/${id}/close`, body, ctx, read),
    bulkClose: (list, ctx) =>
      requester.writeList('usageRecords.bulkClose', route`/usage/records/close-records`, list, ctx)
  }
}
