import { Decimal } from '../decimal.ts'
import type { CatalogItem } from '../workbooks/types.ts'
import { seesRecord } from './access.ts'
import type { Store } from './store.ts'
import type { Account, Asset, Event, UsageRecord } from './types.ts'

export interface Aggregate {
  item: CatalogItem
  asset: Asset
  currency: string | null
  amount: Decimal | null
  quantity: Decimal
  lastReported: Event | null
}

/** Gives the sums of all accepted usage that an account sees, for each asset and item. */
export function aggregatesOf (store: Store, account: Account): Aggregate[] {
  const groups = new Map<string, UsageRecord[]>()
  for (const record of store.records.values()) {
    const isAccepted = record.status === 'approved' || record.status === 'closed'
    const fileAccepted = record.file.status === 'accepted' || record.file.status === 'closed'
    if (!isAccepted || !fileAccepted || !record.item || !record.asset || !seesRecord(account, record)) continue
    const key = `${record.asset.id} ${record.item.id}`
    const group = groups.get(key)
    if (group) group.push(record)
    else groups.set(key, [record])
  }
  return [...groups.values()].flatMap((group) => total(group))
}

function total (records: readonly UsageRecord[]): Aggregate[] {
  const [first] = records
  if (!first?.item || !first.asset) return []
  const amounts = records.flatMap((record) => record.amount ?? [])
  let lastReported: Event | null = null
  for (const { file } of records) {
    const { uploaded } = file.events
    if (uploaded && (lastReported === null || uploaded.at > lastReported.at)) lastReported = uploaded
  }
  return [{
    item: first.item,
    asset: first.asset,
    currency: first.file.currency,
    amount: amounts.length === 0 ? null : Decimal.sum(amounts),
    quantity: Decimal.sum(records.flatMap((record) => record.quantity ?? [])),
    lastReported
  }]
}
