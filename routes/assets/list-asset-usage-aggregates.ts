import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import {
  AssetParams,
  ListAssetUsageAggregatesQuery,
  USAGE_AGGREGATE_EXAMPLE,
  UsageAggregate,
  UsageAggregateRef
} from '../../schemas/usage-aggregate.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { aggregateFilter } from '../../src/usage/filters/collection-filters.ts'
import { aggregateKey, toUsageAggregate } from '../../src/usage/mapping/usage-aggregate.ts'

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
        response: {
          200: okList(UsageAggregateRef, 'aggregates', USAGE_AGGREGATE_EXAMPLE),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const {
        query,
        params: { assetId }
      } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.aggregates.listForAsset(
          assetId, { filter: aggregateFilter(query), ...window }, context
        ),
        toItem: toUsageAggregate,
        schema: UsageAggregate,
        name: 'usage-aggregates',
        keyOf: aggregateKey
      })
    }
  )
}
