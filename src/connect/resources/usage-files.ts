import type { UsageFilesApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

/** Usage files: operations 1 to 14 of the Usage API. */
export function usageFiles (caller: Caller): UsageFilesApi {
  const files = route`/usage/files`
  return {
    list: (query, ctx) => caller.list('usageFiles.list', files, query, ctx),
    count: (filter, ctx) => caller.count('usageFiles.count', files, { filter }, ctx),
    create: (body, ctx) => caller.write('usageFiles.create', 'POST', files, body, ctx),
    get: (id, ctx) => caller.get('usageFiles.get', objectRoute`/usage/files/${id}`, ctx),
    update: (id, body, ctx) => caller.write('usageFiles.update', 'PUT', objectRoute`/usage/files/${id}`, body, ctx),
    upload: (id, body, ctx) => caller.upload('usageFiles.upload', objectRoute`/usage/files/${id}/upload`, body, ctx),
    submit: (id, ctx) =>
      caller.write('usageFiles.submit', 'POST', objectRoute`/usage/files/${id}/submit`, undefined, ctx),
    accept: (id, body, ctx) =>
      caller.write('usageFiles.accept', 'POST', objectRoute`/usage/files/${id}/accept`, body, ctx),
    reject: (id, body, ctx) =>
      caller.write('usageFiles.reject', 'POST', objectRoute`/usage/files/${id}/reject`, body, ctx),
    close: (id, ctx) => caller.write('usageFiles.close', 'POST', objectRoute`/usage/files/${id}/close`, undefined, ctx),
    delete: (id, ctx) =>
      caller.write('usageFiles.delete', 'POST', objectRoute`/usage/files/${id}/delete`, undefined, ctx),
    reprocess: (id, ctx) =>
      caller.write('usageFiles.reprocess', 'POST', objectRoute`/usage/files/${id}/reprocess`, undefined, ctx),
    approveAll: (id, ctx) =>
      caller.write('usageFiles.approveAll', 'PUT', objectRoute`/usage/files/${id}/approve-all`, undefined, ctx),
    reconcile: (id, body, ctx) =>
      caller.upload('usageFiles.reconcile', objectRoute`/usage/files/${id}/reconciliation`, body, ctx),
    categories: (id, query, ctx) =>
      caller.list('usageFiles.categories', route`/usage/files/${id}/categories`, query, ctx)
  }
}
