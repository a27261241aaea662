import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { ListUsageRecordsQuery, USAGE_RECORD_EXAMPLE, UsageRecordRef } from '../../schemas/usage-record.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { linkHeader, toList, windowOf } from '../../src/usage/paging.ts'
import { recordFilter, recordSort } from '../../src/usage/filters/query-filters.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'

export const listUsageRecords: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageRecords',
        tags: ['Usage records'],
        summary: 'List usage records',
        description:
          'The rows of usage files, oldest first unless `sort` says otherwise. `?fileId=…&status=invalid` tells ' +
          'which rows of a file are wrong, and why (`errors`).',
        querystring: ListUsageRecordsQuery,
        response: { 200: okList(UsageRecordRef, 'usage records', USAGE_RECORD_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const { query } = request
      const window = windowOf(query)
      const page = await app.connect.usageRecords.list(
        { filter: recordFilter(query), sort: recordSort(query), ...window },
        readContext(request, reply)
      )
      const link = linkHeader(request.url, window, page.total)
      if (link !== null) reply.header('link', link)
      return toList(page, window, toUsageRecord)
    }
  )
}
