import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { ListUsageAggregatesQuery, USAGE_AGGREGATE_EXAMPLE, UsageAggregateRef } from '../../schemas/usage-aggregate.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { aggregateFilter } from '../../src/usage/filters/collection-filters.ts'
import { linkHeader, toList, windowOf } from '../../src/usage/paging.ts'
import { toUsageAggregate } from '../../src/usage/mapping/usage-aggregate.ts'

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
        response: { 200: okList(UsageAggregateRef, 'aggregates', USAGE_AGGREGATE_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const { query } = request
      const window = windowOf(query)
      const page = await app.connect.aggregates.list(
        { filter: aggregateFilter(query), ...window },
        readContext(request, reply)
      )
      const link = linkHeader(request.url, window, page.total)
      if (link !== null) reply.header('link', link)
      return toList(page, window, toUsageAggregate)
    }
  )
}
