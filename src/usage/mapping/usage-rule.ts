import {
  RULE_ACTIONS,
  RULE_SCOPES,
  RULE_STATUSES,
  type UsageRule
} from '../../../schemas/usage-rule.ts'
import type * as Connect from '../../connect/types.ts'
import { createdAt, readEvents } from './events.ts'
import { fieldsOf, identifier, oneOf, text, time, type Fields } from './normalize.ts'

/** Maps Connect's rule. The product id comes from the path of the request. */
export function toUsageRule (rule: Connect.UsageRule, productId: string): UsageRule {
  const given = rule as Fields
  const item = fieldsOf(given['item'])
  return {
    id: identifier(given['id']),
    itemId: identifier(item?.['id']),
    itemName: text(item?.['name']),
    productId,
    action: oneOf(RULE_ACTIONS, given['action']),
    scope: oneOf(RULE_SCOPES, given['scope']),
    rule: text(given['rule']),
    status: oneOf(RULE_STATUSES, given['status']),
    createdAt: createdAt(readEvents(given['events'])),
    updatedAt: changedAt(rule) ?? createdAt(readEvents(given['events']))
  }
}

/** Gives the time of the last change of a rule; null when Connect does not show it. */
export function changedAt (rule: Connect.UsageRule): string | null {
  return time(fieldsOf(fieldsOf(rule.events)?.['updated'])?.['at'])
}
