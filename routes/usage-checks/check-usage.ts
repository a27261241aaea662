import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { tableBody } from '../../schemas/rows-input.ts'
import { CheckUsageQuery } from '../../schemas/usage-check-input.ts'
import { okCheck } from '../../schemas/usage-check.ts'
import { sendCheck } from '../../src/http/send-check.ts'
import { periodOfQuery } from '../../src/usage/check-period.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

export const checkUsage: RoutePlugin = async (app) => {
  app.post(
    '/products/:productId/usage-check',
    {
      config: { scope: 'usage:write', documentedBody: tableBody('The rows'), idempotency: 'none' },
      schema: {
        operationId: 'checkUsage',
        tags: ['Products'],
        summary: 'Check rows of usage',
        description:
          'Checks all rows against what is known of Connect, before there is a usage file. Nothing is kept and ' +
          'nothing is sent to Connect. What could not be checked is in `checks`, with the reason.',
        params: ProductParams,
        querystring: CheckUsageQuery,
        response: { 200: okCheck, ...problems() }
      }
    },
    async (request, reply) => {
      const { schema, from, to } = request.query
      return await sendCheck(request, reply, { schema, period: periodOfQuery(from, to) })
    }
  )
}
