import {
  RULE_ACTIONS,
  RULE_SCOPES,
  RULE_STATUSES,
  type UsageRule
} from '../../../schemas/usage-rule.ts'
import type * as Connect from '../../connect/types.ts'
import { createdAt, readEvents } from './events.ts'
import { fieldsOf, identifier, oneOf, requiredId, text, type Fields } from './normalize.ts'

/** A rule does not show its product, so `productId` comes from the request. */
export function toUsageRule (rule: Connect.UsageRule, productId: string): UsageRule {
  const given = rule as Fields
  const { itemId, action, rule: condition, status } = ruleFields(rule)
  const events = readEvents(given)
  return {
    id: requiredId(given, 'rule'),
    itemId,
    itemName: text(fieldsOf(given['item'])?.['name']),
    productId,
    action,
    scope: oneOf(RULE_SCOPES, given['scope']),
    rule: condition,
    status,
    createdAt: createdAt(events),
    updatedAt: changedAt(rule) ?? createdAt(events)
  }
}

/** Gives the fields of a rule that a caller may set. Needs no id, so that writes can compare an answer without one. */
export function ruleFields (rule: Connect.UsageRule): Pick<UsageRule, 'itemId' | 'action' | 'rule' | 'status'> {
  const given = rule as Fields
  return {
    itemId: identifier(fieldsOf(given['item'])?.['id']),
    action: oneOf(RULE_ACTIONS, given['action']),
    rule: text(given['rule']),
    status: oneOf(RULE_STATUSES, given['status'])
  }
}

export function changedAt (rule: Connect.UsageRule): string | null {
  return readEvents(rule as Fields).find(event => event.type === 'updated')?.at ?? null
}
