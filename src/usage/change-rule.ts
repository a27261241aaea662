import type { UpdateUsageRuleBody, UsageRule } from '../../schemas/usage-rule.ts'
import { ConnectResponseError } from '../connect/errors.ts'
import type * as Connect from '../connect/types.ts'
import { identifier } from './normalize.ts'
import { sendWrite, type Obstacle } from './send-write.ts'
import { isDeletedRule, ruleUpdateBody, showsRuleUpdate, toUsageRule } from './usage-rule.ts'

export interface UpdateRuleSteps {
  productId: string
  given: UpdateUsageRuleBody
  read: () => Promise<Connect.UsageRule>
  /** Called once, whatever happens. */
  send: (body: Connect.UsageRuleUpdateBody) => Promise<Connect.UsageRule | null>
}

/** Changes the given fields of a rule and gives the rule as it is afterwards. */
export async function updateRule ({ productId, given, read, send }: UpdateRuleSteps): Promise<UsageRule> {
  const before = await read()
  const body = ruleUpdateBody(before, given)
  const answer = await sendWrite({ act: async () => await send(body), read, isDone: showsRuleUpdate(before, given), obstacle: () => null })
  if (answer !== null && answer.id === before.id && identifier(answer.action) !== null) return toUsageRule(answer, productId)
  // The change succeeded: that the rule cannot be read must not look like a failure.
  return toUsageRule(await read().catch(() => ({ ...before, ...body, ...answer })), productId)
}

/** Deletes a rule; one that cannot be found afterwards, or shows as deleted, is. */
export async function deleteRule ({ act, read }: { act: () => Promise<null>, read: () => Promise<Connect.UsageRule> }): Promise<void> {
  const readOrGone = async (): Promise<Connect.UsageRule> => await read().catch((error: unknown) => {
    if (error instanceof ConnectResponseError && error.status === 404) return { status: 'deleted' }
    throw error
  })
  await sendWrite({ act, read: readOrGone, isDone: isDeletedRule, obstacle: deletedAlready })
}

function deletedAlready (rule: Connect.UsageRule): Obstacle | null {
  return isDeletedRule(rule) ? { detail: 'The rule is deleted.', extra: { currentStatus: 'deleted' } } : null
}
