import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { ConvertUsageQuery, tableBody } from '../../schemas/rows-input.ts'
import { ROWS_INVALID } from '../../schemas/usage-check.ts'
import { workbook } from '../../schemas/workbook.ts'
import { convertRows } from '../../src/http/convert-rows.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

export const convertUsage: RoutePlugin = async (app) => {
  app.post(
    '/products/:productId/usage-workbook',
    {
      config: { scope: 'usage:write', documentedBody: tableBody('The rows'), idempotency: 'none' },
      schema: {
        operationId: 'convertUsage',
        tags: ['Products'],
        summary: 'Make a workbook of rows of usage',
        description:
          'Gives the rows in the workbook that an upload would send to Connect, or in another form. The rows are ' +
          'checked before. Nothing is kept and nothing is sent to Connect. The same rows give the same bytes.',
        params: ProductParams,
        querystring: ConvertUsageQuery,
        response: { 200: workbook('The rows.'), ...problems([422], ROWS_INVALID) }
      }
    },
    async (request, reply) => {
      const { params: { productId }, query: { schema } } = request
      return await convertRows(request, reply, `${productId}-usage`, schema)
    }
  )
}
