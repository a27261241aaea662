import type { UsageAggregate } from '../../../schemas/usage-aggregate.ts'
import type * as Connect from '../../connect/types.ts'
import { decimal, fieldsOf, identifier, time, type Fields } from './normalize.ts'
import { assetOf, itemOf } from './usage-record.ts'

/** Gives an aggregate of Connect (the running totals of a subscription and an item) as our callers see it. */
export function toUsageAggregate (aggregate: Connect.UsageAggregate): UsageAggregate {
  const given = aggregate as Fields
  const lastReported = fieldsOf(fieldsOf(given['events'])?.['last_reported'])
  return {
    asset: assetOf(given),
    item: itemOf(given),
    consumed: decimal(given['consumed']),
    accepted: decimal(given['accepted']),
    amount: decimal(given['amount']),
    currency: identifier(given['currency']),
    lastReportedAt: time(lastReported?.['at'])
  }
}

/**
 * Gives a text that identifies an aggregate, which has no id in Connect. Null unless Connect shows the ids of both the
 * subscription and the item.
 */
export function aggregateKey ({ asset, item, currency }: UsageAggregate): string | null {
  const ids = [asset?.id ?? null, item?.id ?? null]
  return ids.includes(null) ? null : JSON.stringify([...ids, currency])
}
