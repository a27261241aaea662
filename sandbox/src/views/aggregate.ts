import type { Aggregate } from '../state/aggregates.ts'
import { assetView, eventView, itemView } from './common.ts'
import type { View } from './common.ts'

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
