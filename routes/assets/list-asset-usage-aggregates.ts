import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import {
  AssetParams,
  ListAssetUsageAggregatesQuery,
  USAGE_AGGREGATE_EXAMPLE,
  UsageAggregateRef
} from '../../schemas/usage-aggregate.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { aggregateFilter } from '../../src/usage/filters/collection-filters.ts'
import { linkHeader, toList, windowOf } from '../../src/usage/paging.ts'
import { toUsageAggregate } from '../../src/usage/mapping/usage-aggregate.ts'

export const listAssetUsageAggregates: RoutePlugin = async (app) => {
  app.get(
    '/:assetId/usage-aggregates',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listAssetUsageAggregates',
        tags: ['Usage aggregates'],
        summary: 'List the running totals of a subscription',
        description: 'How much of each item was used under one subscription so far.',
        params: AssetParams,
        querystring: ListAssetUsageAggregatesQuery,
        response: { 200: okList(UsageAggregateRef, 'aggregates', USAGE_AGGREGATE_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const {
        query,
        params: { assetId }
      } = request
      const window = windowOf(query)
      const page = await app.connect.aggregates.listForAsset(
        assetId,
        { filter: aggregateFilter(query), ...window },
        readContext(request, reply)
      )
      const link = linkHeader(request.url, window, page.total)
      if (link !== null) reply.header('link', link)
      return toList(page, window, toUsageAggregate)
    }
  )
}
