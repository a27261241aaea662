import type { ReconciliationsApi } from '../api.ts'
import type { Caller } from '../requester.ts'
import { objectRoute, route } from '../http/route.ts'

/** Reconciliations: operations 26 to 30. */
export function reconciliations (caller: Caller): ReconciliationsApi {
  const all = route`/usage/reconciliations`
  return {
    list: (query, ctx) => caller.list('reconciliations.list', all, query, ctx),
    count: (filter, ctx) => caller.count('reconciliations.count', all, { filter }, ctx),
    get: (id, ctx) => caller.get('reconciliations.get', objectRoute`/usage/reconciliations/${id}`, ctx),
    create: (body, ctx) => caller.upload('reconciliations.create', all, body, ctx),
    downloadUploaded: (id, ctx) =>
      caller.download('reconciliations.downloadUploaded', route`/usage/reconciliations/${id}/uploadedfile`, ctx),
    downloadProcessed: (id, ctx) =>
      caller.download('reconciliations.downloadProcessed', route`/usage/reconciliations/${id}/processedfile`, ctx)
  }
}
