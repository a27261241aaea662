import type { CreateUsageRuleBody, UsageRule } from '../../schemas/usage-rule.ts'
import type { Page, UsageRuleFilter } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from './normalize.ts'
import { settle } from './outcome.ts'
import { allItems, type Window } from './paging.ts'
import { toUsageRule } from './usage-rule.ts'

export interface CreateRuleSteps {
  productId: string
  given: CreateUsageRuleBody
  list: (filter: UsageRuleFilter, window: Window) => Promise<Page<Connect.UsageRule>>
  /** Called once, whatever happens: a second call would make a second rule. */
  create: (body: Connect.UsageRuleCreateBody) => Promise<Connect.UsageRule | null>
  read: (id: string) => Promise<Connect.UsageRule>
}

/** Creates a usage rule; where the answer was lost, it is the one rule of the item that was not there before. */
export async function createRule ({ productId, given, list, create, read }: CreateRuleSteps): Promise<UsageRule> {
  const { itemId, action, rule, status = 'active' } = given
  const ofItem = async (): Promise<Connect.UsageRule[]> => await allItems(window => list({ 'item.id': itemId }, window))
  const before = new Set((await ofItem()).map(one => one.id))
  const look = async (): Promise<Connect.UsageRule | null | undefined> => {
    const added = (await ofItem()).filter(one => !before.has(one.id))
    const ours = added.filter(one => isSame(one, { itemId, action, rule, status }))
    return ours.length > 1 ? undefined : ours[0] ?? null
  }
  const answer = await settle(async () => await create({ item: { id: itemId }, action, rule, status }), look)
  // A success that names no rule is as good as a lost answer.
  const found = (identifier(answer?.id) === null ? await look().catch(() => null) : answer) ?? null
  const id = identifier(found?.id)
  if (found === null || id === null) throw new AppError('OUTCOME_UNKNOWN', 'Connect took the rule but did not say which one it is. Look before you repeat this.')
  const isWhole = identifier(found.action) !== null && found.item !== undefined
  return toUsageRule(isWhole ? found : await read(id).catch(() => found), productId)
}

function isSame (found: Connect.UsageRule, wanted: Required<CreateUsageRuleBody>): boolean {
  const { itemId, action, rule, status } = toUsageRule(found, '')
  return itemId === wanted.itemId && action === wanted.action && rule === wanted.rule && status === wanted.status
}
