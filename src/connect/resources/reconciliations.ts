import type { ReconciliationsApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

export function reconciliations (requester: ConnectRequester): ReconciliationsApi {
  const all = route`/usage/reconciliations`
  return {
    list: (query, ctx) => requester.list('reconciliations.list', all, query, ctx),
    count: (filter, ctx) => requester.count('reconciliations.count', all, { filter }, ctx),
    get: (id, ctx) => requester.get('reconciliations.get', objectRoute`/usage/reconciliations/${id}`, ctx),
    create: (body, ctx) => requester.upload('reconciliations.create', all, body, ctx),
    downloadUploaded: (id, ctx) =>
      requester.download('reconciliations.downloadUploaded', route`/usage/reconciliations/${id}/uploadedfile`, ctx),
    downloadProcessed: (id, ctx) =>
      requester.download('reconciliations.downloadProcessed', route`/usage/reconciliations/${id}/processedfile`, ctx)
  }
}
