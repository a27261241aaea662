import type { Aggregate } from '../state/aggregates.ts'
import type { Chunk, Reconciliation, UsageRule } from '../state/types.ts'
import type { Category } from '../workbooks/types.ts'
import {
  accountView,
  assetView,
  bindingView,
  eventsView,
  eventView,
  fileReference,
  itemView,
  marketplaceView
} from './common.ts'
import type { View } from './common.ts'

export function chunkView (chunk: Chunk): View {
  const { contract } = chunk.file
  let accepted = 0
  let closed = 0
  let billed = 0
  for (const { status, billingId } of chunk.records) {
    if (status === 'approved') accepted += 1
    if (status === 'closed') closed += 1
    if (status === 'closed' && billingId !== null) billed += 1
  }
  return {
    id: chunk.id,
    status: chunk.status,
    outdated: chunk.outdated !== null,
    usagefile: fileReference(chunk.file),
    binding: bindingView(chunk.hub),
    marketplace: marketplaceView(contract.marketplace),
    provider: accountView(contract.provider),
    external_id: chunk.externalId ?? '',
    error: chunk.error === null ? undefined : { detail: chunk.error },
    events: eventsView(chunk.events),
    stats: { uploaded: chunk.records.length, validated: 0, pending: 0, accepted, closed, billed }
  }
}

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

/** The quantity is an integer, as in Connect. How Connect rounds is not known: here the decimals are dropped. */
export function aggregateView (aggregate: Aggregate): View {
  const total = aggregate.quantity.whole()
  return {
    item: itemView(aggregate.item),
    asset: assetView(aggregate.asset),
    amount: aggregate.amount ?? undefined,
    currency: aggregate.currency ?? undefined,
    ...(aggregate.item.type === 'Reservation' ? { consumed: total } : { accepted: total }),
    events: aggregate.lastReported ? { last_reported: eventView(aggregate.lastReported) } : {}
  }
}

export function ruleView (rule: UsageRule): View {
  return {
    id: rule.id,
    action: rule.action,
    scope: rule.scope,
    rule: rule.rule,
    status: rule.status,
    item: rule.item ? { id: rule.item.id, name: rule.item.name } : undefined,
    events: eventsView({ created: rule.created, updated: rule.updated })
  }
}

export const categoryView = ({ id, name, description }: Category): View => ({ id, name, description })
