import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_RULE_EXAMPLE, UsageRuleParams, UsageRuleRef } from '../../schemas/usage-rule.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageRule } from '../../src/usage/mapping/usage-rule.ts'

export const getUsageRule: RoutePlugin = async (app) => {
  app.get('/:productId/usage-rules/:ruleId', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'getUsageRule', tags: ['Products'], summary: 'Get a usage rule',
      description: 'One rule that decides on the product\'s usage.',
      params: UsageRuleParams,
      response: { 200: ok(UsageRuleRef, 'The rule.', USAGE_RULE_EXAMPLE), ...problems() }
    }
  }, async (request, reply) => {
    const { productId, ruleId } = request.params
    return toUsageRule(await app.connect.rules.get(productId, ruleId, readContext(request, reply)), productId)
  })
}
