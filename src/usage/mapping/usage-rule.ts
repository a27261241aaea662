import {
  RULE_ACTIONS,
  RULE_SCOPES,
  RULE_STATUSES,
  type UpdateUsageRuleBody,
  type UsageRule
} from '../../../schemas/usage-rule.ts'
import type * as Connect from '../../connect/types.ts'
import { digestOf, type Trace } from '../writes/attempt.ts'
import { isUntouched, trimmed } from '../writes/confirm-write.ts'
import { createdAt, readEvents } from './events.ts'
import { fieldsOf, identifier, oneOf, text, time, type Fields } from './normalize.ts'

/** Connect's rule as our callers see it; its product is known from the path it was asked for by. */
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

/** The whole rule for Connect's PUT: the given fields over those it shows. What it shows as empty is not sent. */
export function ruleUpdateBody (before: Connect.UsageRule, given: UpdateUsageRuleBody): Connect.UsageRuleUpdateBody {
  const itemId = given.itemId ?? identifier(before.item?.id)
  const action = given.action ?? identifier(before.action)
  const rule = given.rule === undefined ? identifier(before.rule) ?? undefined : given.rule
  const status = given.status ?? identifier(before.status)
  return {
    ...(itemId !== null && { item: { id: itemId } }),
    ...(action !== null && { action }),
    ...(rule !== undefined && { rule }),
    ...(status !== null && { status }),
    ...(given.afterRuleId !== undefined && { gravity: { after: given.afterRuleId } })
  }
}

/**
 * Whether a rule, read after a doubtful end, shows an update. Its place among the others does not show in it: if it was
 * changed since, by us or somebody else, that cannot be told.
 */
export const showsRuleUpdate =
  (before: Trace | null, given: UpdateUsageRuleBody) =>
    (rule: Connect.UsageRule): boolean | null => {
      if (!showsRuleFields(rule, given)) return false
      if (given.afterRuleId === undefined) return true
      const at = changedAt(rule)
      return at !== null && at === before?.['changedAt'] ? false : null
    }

/** Whether a rule shows the fields that an update gave; its place among the others is none of them. */
export function showsRuleFields (rule: Connect.UsageRule, given: UpdateUsageRuleBody): boolean {
  const { itemId, action, rule: text, status } = toUsageRule(rule, '')
  const is = (found: string | null, wanted: string | null | undefined): boolean =>
    wanted === undefined || (found ?? '') === (wanted ?? '')
  return is(itemId, given.itemId) && is(action, given.action) && is(status, given.status) &&
    (given.rule === undefined || trimmed(text) === trimmed(given.rule))
}

export function ruleTrace (rule: Connect.UsageRule): Trace {
  const { itemId, action, rule: text, status } = toUsageRule(rule, '')
  return { status, changedAt: changedAt(rule), rest: digestOf(itemId, action, text) }
}

/** Whether a rule, read after an update that Connect reported as done, shows one of the given fields as it was. */
export const ignoresRuleUpdate =
  (before: Connect.UsageRule, given: UpdateUsageRuleBody) =>
    (after: Connect.UsageRule): boolean =>
      isUntouched(before.item?.id, after.item?.id, given.itemId) ||
    isUntouched(before.action, after.action, given.action, word) ||
    isUntouched(before.rule, after.rule, given.rule, trimmed) ||
    isUntouched(before.status, after.status, given.status, word)

/** Connect writes its words in any case. */
function word (value: unknown): string {
  return trimmed(value).toLowerCase()
}

export function isDeletedRule (rule: Connect.UsageRule): boolean {
  return oneOf(RULE_STATUSES, rule.status) === 'deleted'
}

function changedAt (rule: Connect.UsageRule): string | null {
  return time(fieldsOf(fieldsOf(rule.events)?.['updated'])?.['at'])
}
