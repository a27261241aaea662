import type { CreateUsageRuleBody, UsageRule } from '../../../schemas/usage-rule.ts'
import type { Page, UsageRuleFilter } from '../../connect/filters.ts'
import type * as Connect from '../../connect/types.ts'
import { AppError } from '../../errors/app-error.ts'
import { ONLY_ATTEMPT, type IdempotentAttempt } from './attempt.ts'
import { confirm } from './confirm.ts'
import { isOtherId, isOtherText, newObject } from './compare.ts'
import { fieldsOf, identifier, text } from '../mapping/normalize.ts'
import { sendAndReadBack, stillUnknown } from './outcome.ts'
import { allItems, type Window } from '../paging.ts'
import { ruleFields, toUsageRule } from '../mapping/usage-rule.ts'

export interface CreateRuleSteps {
  productId: string
  given: CreateUsageRuleBody
  attempt?: IdempotentAttempt
  list: (filter: UsageRuleFilter, window: Window) => Promise<Page<Connect.UsageRule>>
  /** Called once, whatever happens: a second call would make a second rule. */
  create: (body: Connect.UsageRuleCreateBody) => Promise<Connect.UsageRule | null>
  read: (id: string) => Promise<Connect.UsageRule>
}

/**
 * Creates a usage rule and gives it. If the answer is lost, the rule is the one of its item that was not there before.
 * This request never sends again. A later request with the same Idempotency-Key sends it if no such rule has appeared
 * within five minutes.
 */
export async function createRule ({
  productId,
  given,
  attempt = ONLY_ATTEMPT,
  list,
  create,
  read
}: CreateRuleSteps): Promise<UsageRule> {
  const { itemId, action, rule, status = 'active' } = given
  const wanted = { itemId, action, rule, status }
  const { earlier } = attempt
  const ofItem = async (): Promise<Connect.UsageRule[]> => await allItems(window => list({ 'item.id': itemId }, window))
  const there =
    earlier === null ? (await ofItem()).map(one => one.id ?? '') : (earlier.before?.['rules']?.split(' ') ?? null)
  if (earlier === null && there !== null) attempt.note({ rules: there.join(' ') })
  const before = new Set(there)
  const readBack = async (): Promise<Connect.UsageRule | null | undefined> => {
    if (there === null) return undefined
    return newObject(await ofItem(), before, one => isSame(one, wanted))
  }
  const isUntouched = (): boolean => {
    if (earlier?.isOver === true) return true
    throw stillUnknown(
      'Look for the rule among those of its item; where it has not come within five minutes, the same request ' +
      'creates it.'
    )
  }
  const body = { item: { id: itemId }, action, rule, status }
  const answer = await sendAndReadBack(async () => await create(body), readBack, { attempt, isUntouched })
  // A success that names no rule, or another one, is as good as a lost answer.
  const isNamed =
    answer !== null && identifier(answer.id) !== null && !before.has(answer.id ?? '') && !isOtherwise(answer, wanted)
  const found = (isNamed ? answer : await readBack().catch(() => null)) ?? null
  const id = identifier(found?.id)
  if (found === null || id === null) {
    throw new AppError(
      'OUTCOME_UNKNOWN',
      'Connect took the rule but did not say which one it is. Search for the rule before you repeat the request.'
    )
  }
  const isWhole = identifier(found.action) !== null && found.item !== undefined
  const shown = await confirm({
    whole: isWhole ? found : null,
    answer: found,
    read: async () => await read(id),
    isUndone: (one, isRead) => isOtherwise(one, wanted) || (!isRead && text(one.rule) === null)
  })
  return toUsageRule({ ...(shown ?? found), id }, productId)
}

/** Whether a rule shows that it is not the one that was to be made. What it does not show says nothing. */
function isOtherwise (found: Connect.UsageRule, wanted: Required<CreateUsageRuleBody>): boolean {
  return isOtherId(fieldsOf(found.item)?.['id'], wanted.itemId) || isOtherText(found.rule, wanted.rule) ||
    isOtherText(text(found.action)?.toLowerCase(), wanted.action)
}

function isSame (found: Connect.UsageRule, wanted: Required<CreateUsageRuleBody>): boolean {
  const { itemId, action, rule, status } = ruleFields(found)
  return itemId === wanted.itemId && action === wanted.action && rule === wanted.rule && status === wanted.status
}
