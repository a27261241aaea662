import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_COLUMNS_EXAMPLE, UsageColumnsQuery, UsageColumnsRef } from '../../schemas/usage-columns.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { usageColumns } from '../../src/tables/columns.ts'

export const getUsageColumns: RoutePlugin = async (app) => {
  app.get(
    '/:productId/usage-columns',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getUsageColumns',
        tags: ['Products'],
        summary: 'Get the columns to report usage in',
        description:
          'The columns of the rows that a usage file may hold, in any form. They depend on the schema of the ' +
          'product. Connect is not asked.',
        params: ProductParams,
        querystring: UsageColumnsQuery,
        response: {
          200: ok(UsageColumnsRef, 'The columns of the schema.', USAGE_COLUMNS_EXAMPLE),
          ...problems()
        }
      }
    },
    async ({ query: { schema } }) => ({ schema, columns: usageColumns(schema) })
  )
}
