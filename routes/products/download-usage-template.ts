import { problems } from '../../schemas/problem.ts'
import { ProductParams } from '../../schemas/product.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { openTemplate } from '../../src/usage/workbook.ts'

export const downloadUsageTemplate: RoutePlugin = async (app) => {
  app.get('/:productId/usage-template', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'downloadUsageTemplate', tags: ['Products'], summary: 'Download the workbook to report usage in',
      description: 'The product\'s empty workbook, with the columns that its usage needs and a word on each.',
      params: ProductParams,
      querystring: WorkbookQuery,
      response: { 200: workbook('The workbook.'), ...problems() }
    }
  }, async (request, reply) => {
    const { productId } = request.params
    const context = readContext(request, reply)
    return await sendWorkbook(request, reply, {
      name: `${productId}-template`,
      open: async () => await openTemplate(
        async () => await app.connect.templates.get(productId, context),
        async link => await app.connect.storage.fetch(link, context)
      )
    })
  })
}
