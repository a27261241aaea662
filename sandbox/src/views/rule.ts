import type { UsageRule } from '../state/types.ts'
import { eventsView } from './common.ts'
import type { View } from './common.ts'

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
