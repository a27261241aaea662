import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import {
  ListUsageAggregatesQuery,
  USAGE_AGGREGATE_EXAMPLE,
  UsageAggregate,
  UsageAggregateRef
} from '../../schemas/usage-aggregate.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { aggregateFilter } from '../../src/usage/filters/collection-filters.ts'
import { aggregateKey, toUsageAggregate } from '../../src/usage/mapping/usage-aggregate.ts'

export const listUsageAggregates: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageAggregates',
        tags: ['Usage aggregates'],
        summary: 'List running totals',
        description:
          'How much of each item was used under each subscription so far. Connect offers no order here, so narrow ' +
          'long lists by filters rather than paging through them.',
        querystring: ListUsageAggregatesQuery,
        response: {
          200: okList(UsageAggregateRef, 'aggregates', USAGE_AGGREGATE_EXAMPLE),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.aggregates.list(
          { filter: aggregateFilter(query), ...window }, context
        ),
        toItem: toUsageAggregate,
        schema: UsageAggregate,
        name: 'usage-aggregates',
        keyOf: aggregateKey
      })
    }
  )
}
