import type { UsageChunksApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

/** Chunks, one per hub of an accepted file: operations 20 to 25. */
export function usageChunks (caller: Caller): UsageChunksApi {
  const chunks = route`/usage/chunks`
  return {
    list: (query, ctx) => caller.list('usageChunks.list', chunks, query, ctx),
    count: (filter, ctx) => caller.count('usageChunks.count', chunks, { filter }, ctx),
    get: (id, ctx) => caller.get('usageChunks.get', objectRoute`/usage/chunks/${id}`, ctx),
    update: (id, body, ctx) => caller.write('usageChunks.update', 'PUT', objectRoute`/usage/chunks/${id}`, body, ctx),
    close: (id, body, ctx) =>
      caller.write('usageChunks.close', 'POST', objectRoute`/usage/chunks/${id}/close`, body, ctx),
    regenerate: (id, ctx) =>
      caller.write('usageChunks.regenerate', 'POST', objectRoute`/usage/chunks/${id}/regenerate`, undefined, ctx),
    download: (id, ctx) => caller.download('usageChunks.download', route`/usage/chunks/${id}/download`, ctx)
  }
}
