import { invalidField } from '../../errors/app-error.ts'
import { RULE_STATUSES, type UpdateUsageRuleBody, type UsageRule } from '../../../schemas/usage-rule.ts'
import { ConnectResponseError } from '../../connect/errors.ts'
import type * as Connect from '../../connect/types.ts'
import { identifier, oneOf } from '../mapping/normalize.ts'
import { changedAt, ruleFields, toUsageRule } from '../mapping/usage-rule.ts'
import { digestOf, type Snapshot } from './snapshot.ts'
import { isUntouched, trimmed } from './compare.ts'
import { notShown } from './confirm-success.ts'
import type { Run, SimpleWrite } from './engine.ts'

interface RuleInput { readonly productId: string, readonly ruleId: string }
type UpdateInput = RuleInput & { readonly given: UpdateUsageRuleBody }

const COMMON = {
  toldBy: 'status, fields and times of the rule',
  nextRequestSends: 'when it is as before',
  resend: 'nothing',
  explainsLostRefusals: false,
  snapshot: ruleSnapshot
} as const

/** Changes a usage rule. Connect takes the whole rule, so the rule is read first. */
export const UPDATE_RULE: SimpleWrite<UpdateInput, Connect.UsageRule, UsageRule> = {
  ...COMMON,
  operationId: 'updateUsageRule',
  readsFirst: true,
  read: readRule,
  send: async (run, context) => {
    const { connect, input: { productId, ruleId, given }, object } = run
    return await connect.rules.update(productId, ruleId, ruleUpdateBody(object ?? {}, given), context)
      .catch(async (error: unknown) => { throw await withoutNeighbour(error, run) })
  },
  shows: (rule, { input, before }) => showsRuleUpdate(rule, input.given, before),
  denies: (rule, { input, object }) => ignoresRuleUpdate(object ?? {}, rule, input.given),
  // A deleted rule can be changed, so no status explains a refusal.
  obstacle: () => null,
  isWhole: (answer, { object }) => answer.id === object?.id && identifier(answer.action) !== null,
  show: (rule, { input }) => toUsageRule(rule, input.productId),
  showUnread: (answer, { input, object }) => {
    const shown = { ...object, ...answer }
    if (!showsRuleFields(shown, input.given)) throw notShown()
    return toUsageRule({ ...shown, id: input.ruleId }, input.productId)
  }
}

/** A rule that Connect does not find (404) counts as `deleted`. */
export const DELETE_RULE: SimpleWrite<RuleInput, Connect.UsageRule, void> = {
  ...COMMON,
  operationId: 'deleteUsageRule',
  readsFirst: false,
  read: async run => await readRule(run).catch((error: unknown) => {
    if (error instanceof ConnectResponseError && error.status === 404) return { status: 'deleted' }
    throw error
  }),
  send: async ({ connect, input }, context) => await connect.rules.delete(input.productId, input.ruleId, context),
  shows: rule => oneOf(RULE_STATUSES, rule.status) === null ? null : isDeleted(rule),
  denies: rule => oneOf(RULE_STATUSES, rule.status) === 'active',
  obstacle: rule =>
    isDeleted(rule) ? { detail: 'The rule is deleted.', extra: { currentStatus: 'deleted' } } : null,
  isWhole: () => false,
  show: () => {},
  showUnread: () => {}
}

export const RULE_WRITES = [UPDATE_RULE, DELETE_RULE]

async function readRule ({ connect, input, context }: Run<RuleInput, Connect.UsageRule>): Promise<Connect.UsageRule> {
  return await connect.rules.get(input.productId, input.ruleId, context)
}

/**
 * Gives VALIDATION_FAILED for a 404 to an update with `afterRuleId`, if the updated rule can be read: Connect then does
 * not find the rule in `afterRuleId`. Gives any other error as it is.
 */
async function withoutNeighbour (error: unknown, run: Run<UpdateInput, Connect.UsageRule>): Promise<unknown> {
  const is404 = error instanceof ConnectResponseError && error.status === 404
  if (!is404 || run.input.given.afterRuleId === undefined) return error
  return await readRule(run).then(
    () => invalidField('body.afterRuleId', 'is not a rule of this product'),
    () => error
  )
}

/** Connect's PUT takes the whole rule. A field that is not given, and not shown or empty in Connect, is left out. */
function ruleUpdateBody (before: Connect.UsageRule, given: UpdateUsageRuleBody): Connect.UsageRuleUpdateBody {
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
 * A rule does not show its place among the other rules. So for an update with `afterRuleId`, a rule with the given
 * fields gives false when it was not changed since the snapshot, else null: it does not show who changed it.
 */
function showsRuleUpdate (
  rule: Connect.UsageRule, given: UpdateUsageRuleBody, before: Snapshot | null
): boolean | null {
  if (!showsRuleFields(rule, given)) return false
  if (given.afterRuleId === undefined) return true
  const at = changedAt(rule)
  return at !== null && at === before?.['changedAt'] ? false : null
}

/** The place of the rule among the other rules (`afterRuleId`) does not count. */
function showsRuleFields (rule: Connect.UsageRule, given: UpdateUsageRuleBody): boolean {
  const { itemId, action, rule: text, status } = ruleFields(rule)
  const is = (found: string | null, wanted: string | null | undefined): boolean =>
    wanted === undefined || (found ?? '') === (wanted ?? '')
  return is(itemId, given.itemId) && is(action, given.action) && is(status, given.status) &&
    (given.rule === undefined || trimmed(text) === trimmed(given.rule))
}

function ruleSnapshot (rule: Connect.UsageRule): Snapshot {
  const { itemId, action, rule: text, status } = ruleFields(rule)
  return { status, changedAt: changedAt(rule), rest: digestOf(itemId, action, text) }
}

/** Whether a rule, after an update that Connect reported as done, shows a given field with its old value. */
function ignoresRuleUpdate (
  before: Connect.UsageRule, after: Connect.UsageRule, given: UpdateUsageRuleBody
): boolean {
  return isUntouched(before.item?.id, after.item?.id, given.itemId) ||
    isUntouched(before.action, after.action, given.action, word) ||
    isUntouched(before.rule, after.rule, given.rule, trimmed) ||
    isUntouched(before.status, after.status, given.status, word)
}

/** Gives a word of Connect in lower case, because Connect writes words in any case. */
function word (value: unknown): string {
  return trimmed(value).toLowerCase()
}

function isDeleted (rule: Connect.UsageRule): boolean {
  return oneOf(RULE_STATUSES, rule.status) === 'deleted'
}
