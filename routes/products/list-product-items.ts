import {
  ListProductItemsQuery, PRODUCT_ITEM_EXAMPLE, ProductItem, ProductItemRef
} from '../../schemas/catalogue.ts'
import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { ProductParams } from '../../schemas/product.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { itemFilter } from '../../src/usage/filters/collection-filters.ts'
import { toProductItem } from '../../src/usage/mapping/catalogue.ts'

export const listProductItems: RoutePlugin = async (app) => {
  app.get(
    '/:productId/items',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listProductItems',
        tags: ['Catalogue'],
        summary: 'List the items of a product',
        description:
          'What the rows of usage of a product may count, in the order of Connect. A row names an item by `mpn`, ' +
          '`id` or `localId`. Items that usage files made are here, too.',
        params: ProductParams,
        querystring: ListProductItemsQuery,
        response: { 200: okList(ProductItemRef, 'items', PRODUCT_ITEM_EXAMPLE), 304: notModified, ...problems() }
      }
    },
    async (request, reply) => {
      const { query, params: { productId } } = request
      const filter = itemFilter(query)
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.catalogue.items(productId, { filter, ...window }, context),
        toItem: toProductItem,
        schema: ProductItem,
        name: 'items'
      })
    }
  )
}
