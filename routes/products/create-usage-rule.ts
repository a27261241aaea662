import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { LOCATION, ok } from '../../schemas/responses.ts'
import { CreateUsageRuleBody, USAGE_RULE_EXAMPLE, UsageRuleRef } from '../../schemas/usage-rule.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { createRule } from '../../src/usage/writes/create-rule.ts'
import { rulePath } from '../../src/usage/mapping/paths.ts'

export const createUsageRule: RoutePlugin = async (app) => {
  app.post(
    '/:productId/usage-rules',
    {
      config: { scope: 'rules:write' },
      schema: {
        operationId: 'createUsageRule',
        tags: ['Products'],
        summary: 'Create a usage rule',
        description: 'Makes a rule about an item of the product, in force at once unless `status` says otherwise.',
        params: ProductParams,
        body: CreateUsageRuleBody,
        response: {
          201: ok(UsageRuleRef, 'The new rule.', USAGE_RULE_EXAMPLE, LOCATION),
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { rules } = app.connect
      const {
        body: given,
        params: { productId }
      } = request
      const context = writeContext(request)
      const rule = await createRule({
        productId,
        given,
        attempt: context.attempt,
        list: async (filter, window) => await rules.list(productId, { filter, sort: ['item.id'], ...window }, context),
        create: async body => await rules.create(productId, body, context),
        read: async id => await rules.get(productId, id, context)
      })
      return await reply
        .code(201)
        .header('location', rulePath(productId, rule.id))
        .send(rule)
    }
  )
}
