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
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { UPDATE_RULE } from '../../src/usage/writes/rule-operations.ts'

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
          ...problems([409], RULE_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const input = { ...request.params, given: request.body }
      const context = writeContext(request)
      return await app.runAlone(context, input.ruleId, async () =>
        await executeWrite(UPDATE_RULE, app.connect, input, context))
    }
  )
}
