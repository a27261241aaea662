import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { tableBody } from '../../schemas/rows-input.ts'
import { CheckUsageQuery } from '../../schemas/usage-check-input.ts'
import { okCheck, ROWS_INVALID } from '../../schemas/usage-check.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendCheck } from '../../src/http/send-check.ts'
import { periodOfQuery } from '../../src/usage/check-period.ts'
import { lookUpsIn } from '../../src/usage/look-ups.ts'
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
          'Checks all rows against what is known of Connect, before there is a usage file. Connect is asked for the ' +
          'items of the product; nothing is kept or uploaded. What could not be checked is in `checks`, with the ' +
          'reason. As XLSX the answer is the rows with the wrong cells marked.',
        params: ProductParams,
        querystring: CheckUsageQuery,
        response: { 200: okCheck, ...problems([422], ROWS_INVALID) }
      }
    },
    async (request, reply) => {
      const { params: { productId }, query: { schema, from, to, assets } } = request
      const context = readContext(request, reply)
      const lookUps = lookUpsIn({ connect: app.connect, productId, context, hasAssets: assets === 'true' })
      const name = `${productId}-usage-check`
      return await sendCheck(request, reply, { name, schema, period: periodOfQuery(from, to), lookUps })
    }
  )
}
