import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import {
  RULE_NOT_ALLOWED,
  UpdateUsageRuleBody,
  USAGE_RULE_EXAMPLE,
  UsageRuleParams,
  UsageRuleRef
} from '../../schemas/usage-rule.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { updateRule } from '../../src/usage/writes/change-rule.ts'

export const updateUsageRule: RoutePlugin = async (app) => {
  app.patch(
    '/:productId/usage-rules/:ruleId',
    {
      config: { scope: 'rules:write' },
      schema: {
        operationId: 'updateUsageRule',
        tags: ['Products'],
        summary: 'Change a usage rule',
        description:
          'Changes the given fields and leaves the others alone; null clears the condition. `afterRuleId` ' +
          'moves the rule: it says which one it stands behind. Connect takes the whole rule, so each change reads it ' +
          'first. Changes of one rule take turns within an instance of this service; two that meet in different ' +
          'instances can still undo each other.',
        params: UsageRuleParams,
        body: UpdateUsageRuleBody,
        response: {
          200: ok(UsageRuleRef, 'The rule as it is now.', { ...USAGE_RULE_EXAMPLE, rule: 'lt(amount,500)' }),
          ...problems([400, 404, 409, 413, 415], RULE_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const { rules } = app.connect
      const {
        body: given,
        params: { productId, ruleId }
      } = request
      const context = writeContext(request)
      return await app.inTurn(
        context,
        ruleId,
        async () =>
          await updateRule({
            productId,
            given,
            attempt: context.attempt,
            read: async () => context.noteBefore(await rules.get(productId, ruleId, context)),
            send: async body => await rules.update(productId, ruleId, body, context)
          })
      )
    }
  )
}
