import { ASSET_EXAMPLE, Asset, AssetRef, ListAssetsQuery } from '../../schemas/catalogue.ts'
import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { assetFilter } from '../../src/usage/filters/collection-filters.ts'
import { toAsset } from '../../src/usage/mapping/catalogue.ts'

export const listAssets: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listAssets',
        tags: ['Catalogue'],
        summary: 'List subscriptions',
        description:
          "The subscriptions that the caller's account may see, oldest first. In Connect a subscription is an asset.",
        querystring: ListAssetsQuery,
        response: { 200: okList(AssetRef, 'subscriptions', ASSET_EXAMPLE), 304: notModified, ...problems() }
      }
    },
    async (request, reply) => {
      const filter = assetFilter(request.query)
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.catalogue.assets({ filter, sort: ['created'], ...window }, context),
        toItem: toAsset,
        schema: Asset,
        name: 'subscriptions'
      })
    }
  )
}
