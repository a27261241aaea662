import { problems } from '../../schemas/problem.ts'
import { NoBody, nothing } from '../../schemas/responses.ts'
import { RULE_NOT_ALLOWED, UsageRuleParams } from '../../schemas/usage-rule.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { DELETE_RULE } from '../../src/usage/writes/rule-operations.ts'

export const deleteUsageRule: RoutePlugin = async (app) => {
  app.delete('/:productId/usage-rules/:ruleId', {
    config: { scope: 'rules:write', documentedBody: null },
    schema: {
      operationId: 'deleteUsageRule', tags: ['Products'], summary: 'Delete a usage rule',
      description: 'Takes a rule out of force for good. Decisions that it took stay.',
      params: UsageRuleParams,
      body: NoBody,
      response: { 204: nothing('The rule is deleted.'), ...problems([409], RULE_NOT_ALLOWED) }
    }
  }, async (request, reply) => {
    const { params } = request
    const context = writeContext(request)
    // No other write of this instance on the rule runs meanwhile: a change of the rule sends Connect the status that it
    // has read, and so could put the deleted rule in force again.
    await app.runAlone(context, params.ruleId, async () => {
      await executeWrite(DELETE_RULE, app.connect, params, context)
    })
    return await reply.code(204).send(undefined)
  })
}
