import type { UsageFilesApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

export function usageFiles (requester: ConnectRequester): UsageFilesApi {
  const files = route`/usage/files`
  return {
    list: (query, ctx) => requester.list('usageFiles.list', files, query, ctx),
    count: (filter, ctx) => requester.count('usageFiles.count', files, { filter }, ctx),
    create: (body, ctx) => requester.write('usageFiles.create', 'POST', files, body, ctx),
    get: (id, ctx) => requester.get('usageFiles.get', objectRoute`/usage/files/${id}`, ctx),
    update: (id, body, ctx) => requester.write('usageFiles.update', 'PUT', objectRoute`/usage/files/${id}`, body, ctx),
    upload: (id, body, ctx) => requester.upload('usageFiles.upload', objectRoute`/usage/files/${id}/upload`, body, ctx),
    submit: (id, ctx) =>
      requester.write('usageFiles.submit', 'POST', objectRoute`/usage/files/${id}/submit`, undefined, ctx),
    accept: (id, body, ctx) =>
      requester.write('usageFiles.accept', 'POST', objectRoute`/usage/files/${id}/accept`, body, ctx),
    reject: (id, body, ctx) =>
      requester.write('usageFiles.reject', 'POST', objectRoute`/usage/files/${id}/reject`, body, ctx),
    close: (id, ctx) =>
      requester.write('usageFiles.close', 'POST', objectRoute`/usage/files/${id}/close`, undefined, ctx),
    delete: (id, ctx) =>
      requester.write('usageFiles.delete', 'POST', objectRoute`/usage/files/${id}/delete`, undefined, ctx),
    reprocess: (id, ctx) =>
      requester.write('usageFiles.reprocess', 'POST', objectRoute`/usage/files/${id}/reprocess`, undefined, ctx),
    approveAll: (id, ctx) =>
      requester.write('usageFiles.approveAll', 'PUT', objectRoute`/usage/files/${id}/approve-all`, undefined, ctx),
    reconcile: (id, body, ctx) =>
      requester.upload('usageFiles.reconcile', objectRoute`/usage/files/${id}/reconciliation`, body, ctx),
    categories: (id, query, ctx) =>
      requester.list(
        'usageFiles.categories', { ...route`/usage/files/${id}/categories`, hasVendorIds: true }, query, ctx
      )
  }
}
