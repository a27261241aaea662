import { RULE_STATUSES, type UpdateUsageRuleBody, type UsageRule } from '../../../schemas/usage-rule.ts'
import { ConnectResponseError } from '../../connect/errors.ts'
import type * as Connect from '../../connect/types.ts'
import { ONLY_ATTEMPT, tracedBefore, type Attempt } from './attempt.ts'
import { confirmWrite, notShown } from './confirm-write.ts'
import { invalidInput } from '../invalid-input.ts'
import { identifier, oneOf } from '../mapping/normalize.ts'
import { sendWrite, type Obstacle } from './send-write.ts'
import {
  ignoresRuleUpdate,
  isDeletedRule,
  ruleTrace,
  ruleUpdateBody,
  showsRuleFields,
  showsRuleUpdate,
  toUsageRule
} from '../mapping/usage-rule.ts'

export interface UpdateRuleSteps {
  productId: string
  given: UpdateUsageRuleBody
  attempt?: Attempt
  read: () => Promise<Connect.UsageRule>
  /** Called once, whatever happens. */
  send: (body: Connect.UsageRuleUpdateBody) => Promise<Connect.UsageRule | null>
}

/** Changes the given fields of a rule and gives the rule as it is afterwards. */
export async function updateRule ({
  productId,
  given,
  attempt = ONLY_ATTEMPT,
  read,
  send
}: UpdateRuleSteps): Promise<UsageRule> {
  const before = await read()
  const body = ruleUpdateBody(before, given)
  const isDone = showsRuleUpdate(tracedBefore(attempt, ruleTrace(before)), given)
  const act = async (): Promise<Connect.UsageRule | null> =>
    await send(body).catch(async (error: unknown) => {
      throw await withoutNeighbour(error, given, read)
    })
  const answer = await sendWrite({ act, read, isDone, obstacle: () => null, attempt, before, trace: ruleTrace })
  const isWhole = answer !== null && answer.id === before.id && identifier(answer.action) !== null
  const rule = await confirmWrite({ whole: isWhole ? answer : null, read, isUndone: ignoresRuleUpdate(before, given) })
  if (rule !== null) return toUsageRule(rule, productId)
  const shown = { ...before, ...answer }
  if (!showsRuleFields(shown, given)) throw notShown()
  return toUsageRule(shown, productId)
}

/** Connect's 404 to an update of a rule that is there is about the other rule that the update names. */
async function withoutNeighbour (
  error: unknown,
  { afterRuleId }: UpdateUsageRuleBody,
  read: () => Promise<Connect.UsageRule>
): Promise<unknown> {
  if (afterRuleId === undefined || !(error instanceof ConnectResponseError) || error.status !== 404) return error
  return await read().then(
    () => invalidInput('body.afterRuleId', 'is not a rule of this product'),
    () => error
  )
}

export interface DeleteRuleSteps {
  attempt?: Attempt
  act: () => Promise<null>
  read: () => Promise<Connect.UsageRule>
}

/** Deletes a rule; one that cannot be found afterwards, or shows as deleted, is. */
export async function deleteRule ({ act, read, attempt = ONLY_ATTEMPT }: DeleteRuleSteps): Promise<void> {
  const readOrGone = async (): Promise<Connect.UsageRule> => await read().catch((error: unknown) => {
    if (error instanceof ConnectResponseError && error.status === 404) return { status: 'deleted' }
    throw error
  })
  await sendWrite({ act, read: readOrGone, isDone: isDeletedRule, obstacle: deletedAlready, attempt, trace: ruleTrace })
  await confirmWrite({
    whole: null,
    read: readOrGone,
    isUndone: rule => oneOf(RULE_STATUSES, rule.status) === 'active'
  })
}

function deletedAlready (rule: Connect.UsageRule): Obstacle | null {
  return isDeletedRule(rule) ? { detail: 'The rule is deleted.', extra: { currentStatus: 'deleted' } } : null
}
