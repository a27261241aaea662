import { toTimestamp } from '../time.ts'
import type { CatalogItem } from '../workbooks/types.ts'
import type { Account, Event, Product, RuleAction, UsageRule } from '../state/types.ts'
import { providerUser } from './files.ts'
import { alpine, meridian } from './parties.ts'
import { backupVault, fallballCloud, meteredMessaging } from './products.ts'

export function seedRules (base: number): UsageRule[] {
  const event: Event = { at: toTimestamp(base - 90 * 86_400_000), by: providerUser }
  let count = 0
  const rule = (
    product: Product,
    provider: Account,
    action: RuleAction,
    item: CatalogItem | undefined,
    text: string | null,
    isActive = true
  ): UsageRule => {
    count += 1
    return {
      id: `UIR-276-377-${String(count).padStart(3, '0')}`,
      product,
      provider,
      item: item ?? null,
      action,
      scope: item ? 'record' : 'file',
      rule: text,
      status: isActive ? 'active' : 'deleted',
      created: event,
      updated: event
    }
  }
  const [hours, storage, seats] = fallballCloud.items
  return [
    rule(fallballCloud, meridian, 'accept', hours, 'lt(amount,1000)'),
    rule(fallballCloud, meridian, 'manual', storage, 'ge(amount,1000)'),
    rule(fallballCloud, meridian, 'reject', seats, 'gt(quantity,10000)'),
    rule(fallballCloud, meridian, 'manual', hours, null, false),
    rule(fallballCloud, alpine, 'accept', hours, 'lt(amount,500)'),
    rule(backupVault, meridian, 'accept', backupVault.items[0], 'lt(amount,250)'),
    rule(meteredMessaging, meridian, 'accept', undefined, null)
  ]
}
