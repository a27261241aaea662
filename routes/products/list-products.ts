import { ListProductsQuery, PRODUCT_EXAMPLE, Product, ProductRef } from '../../schemas/catalogue.ts'
import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { productFilter } from '../../src/usage/filters/collection-filters.ts'
import { toProduct } from '../../src/usage/mapping/catalogue.ts'

export const listProducts: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listProducts',
        tags: ['Catalogue'],
        summary: 'List products',
        description:
          "The products that the caller's account may see, by name. A token of Connect without the right to products " +
          'gets 403 `CONNECT_FORBIDDEN`; the other operations go on.',
        querystring: ListProductsQuery,
        response: { 200: okList(ProductRef, 'products', PRODUCT_EXAMPLE), 304: notModified, ...problems() }
      }
    },
    async (request, reply) => {
      const filter = productFilter(request.query)
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.catalogue.products({ filter, sort: ['name'], ...window }, context),
        toItem: toProduct,
        schema: Product,
        name: 'products'
      })
    }
  )
}
