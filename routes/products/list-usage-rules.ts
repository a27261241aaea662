import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { ProductParams } from '../../schemas/product.ts'
import { ListUsageRulesQuery, USAGE_RULE_EXAMPLE, UsageRule, UsageRuleRef } from '../../schemas/usage-rule.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { ruleFilter } from '../../src/usage/filters/collection-filters.ts'
import { toUsageRule } from '../../src/usage/mapping/usage-rule.ts'

export const listUsageRules: RoutePlugin = async (app) => {
  app.get(
    '/:productId/usage-rules',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageRules',
        tags: ['Products'],
        summary: 'List the usage rules of a product',
        description:
          "The rules that decide on the product's usage, by item; those of one item in Connect's own order. Deleted " +
          'ones stay in the list: `?status=active` leaves them out.',
        params: ProductParams,
        querystring: ListUsageRulesQuery,
        response: { 200: okList(UsageRuleRef, 'usage rules', USAGE_RULE_EXAMPLE), 304: notModified, ...problems() }
      }
    },
    async (request, reply) => {
      const {
        query,
        params: { productId }
      } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.rules.list(
          productId, { filter: ruleFilter(query), sort: ['item.id'], ...window }, context
        ),
        toItem: rule => toUsageRule(rule, productId),
        schema: UsageRule,
        name: 'usage-rules'
      })
    }
  )
}
