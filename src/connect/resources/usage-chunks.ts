import type { UsageChunksApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

export function usageChunks (requester: ConnectRequester): UsageChunksApi {
  const chunks = route`/usage/chunks`
  return {
    list: (query, ctx) => requester.list('usageChunks.list', chunks, query, ctx),
    count: (filter, ctx) => requester.count('usageChunks.count', chunks, { filter }, ctx),
    get: (id, ctx) => requester.get('usageChunks.get', objectRoute`/usage/chunks/${id}`, ctx),
    update: (id, body, ctx) =>
      requester.write('usageChunks.update', 'PUT', objectRoute`/usage/chunks/${id}`, body, ctx),
    close: (id, body, ctx) =>
      requester.write('usageChunks.close', 'POST', objectRoute`/usage/chunks/${id}/close`, body, ctx),
    regenerate: (id, ctx) =>
      requester.write('usageChunks.regenerate', 'POST', objectRoute`/usage/chunks/${id}/regenerate`, undefined, ctx),
    download: (id, ctx) => requester.download('usageChunks.download', route`/usage/chunks/${id}/download`, ctx)
  }
}
