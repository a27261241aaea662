import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { ListUsageRecordsQuery, USAGE_RECORD_EXAMPLE, UsageRecord, UsageRecordRef } from '../../schemas/usage-record.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
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
        response: {
          200: okList(UsageRecordRef, 'usage records', USAGE_RECORD_EXAMPLE),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.usageRecords.list(
          { filter: recordFilter(query), sort: recordSort(query), ...window }, context
        ),
        toItem: toUsageRecord,
        schema: UsageRecord,
        name: 'usage-records'
      })
    }
  )
}
