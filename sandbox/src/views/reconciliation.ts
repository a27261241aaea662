import type { Reconciliation } from '../state/types.ts'
import { accountView, bindingView, eventsView, fileReference } from './common.ts'
import type { View } from './common.ts'

export function reconciliationView (reconciliation: Reconciliation): View {
  const { file, chunk, provider } = reconciliation
  return {
    id: reconciliation.id,
    status: reconciliation.status,
    usagefile: file ? fileReference(file) : undefined,
    partusagefile: chunk ? { id: chunk.id, provider: accountView(provider) } : undefined,
    binding: chunk ? bindingView(chunk.hub) : undefined,
    error: reconciliation.error === null ? undefined : { detail: reconciliation.error },
    notes: {
      uploaded: reconciliation.uploadNote ?? undefined,
      processing: reconciliation.processingNote ?? undefined
    },
    events: eventsView(reconciliation.events)
  }
}
