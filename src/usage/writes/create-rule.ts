import type { CreateUsageRuleBody, UsageRule } from '../../../schemas/usage-rule.ts'
import type { Page, UsageRuleFilter } from '../../connect/filters.ts'
import type * as Connect from '../../connect/types.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { createOnce } from './create-once.ts'
import { isOtherId, isOtherText } from './compare.ts'
import { fieldsOf, identifier, text } from '../mapping/normalize.ts'
import { allItems, type Window } from '../paging.ts'
import { ruleFields, toUsageRule } from '../mapping/usage-rule.ts'

export interface CreateRuleSteps {
  productId: string
  given: CreateUsageRuleBody
  attempt?: IdempotentAttempt
  list: (filter: UsageRuleFilter, window: Window) => Promise<Page<Connect.UsageRule>>
  /** Sends the create to Connect. Called at most once: a second call would make a second rule. */
  create: (body: Connect.UsageRuleCreateBody) => Promise<Connect.UsageRule | null>
  read: (id: string) => Promise<Connect.UsageRule>
}

/**
 * Creates a rule and gives it. If the answer is lost, the created rule is the only rule of the item that was not listed
 * before and has the fields that were sent.
 */
export async function createRule ({
  productId, given, attempt = ONLY_ATTEMPT, list, create, read
}: CreateRuleSteps): Promise<UsageRule> {
  const { itemId, action, rule, status = 'active' } = given
  const wanted = { itemId, action, rule, status }
  const { id, object } = await createOnce<Connect.UsageRule>({
    name: 'rule',
    attempt,
    list: async () => await allItems(window => list({ 'item.id': itemId }, window)),
    create: async () => await create({ item: { id: itemId }, action, rule, status }),
    read,
    fits: found => isSame(found, wanted),
    isOther: found => isOtherwise(found, wanted),
    isTelling: found => text(found.rule) !== null,
    isWhole: found => identifier(found.action) !== null && found.item !== undefined,
    hint: () => 'Look for the rule among those of its item; where it has not come within five minutes, the same ' +
      'request creates it.'
  })
  return toUsageRule({ ...object, id }, productId)
}

/** Whether a rule shows that it is not the one that was to be made. A field that is not shown proves nothing. */
function isOtherwise (found: Connect.UsageRule, wanted: Required<CreateUsageRuleBody>): boolean {
  return isOtherId(fieldsOf(found.item)?.['id'], wanted.itemId) || isOtherText(found.rule, wanted.rule) ||
    isOtherText(text(found.action)?.toLowerCase(), wanted.action)
}

function isSame (found: Connect.UsageRule, wanted: Required<CreateUsageRuleBody>): boolean {
  const { itemId, action, rule, status } = ruleFields(found)
  return itemId === wanted.itemId && action === wanted.action && rule === wanted.rule && status === wanted.status
}
