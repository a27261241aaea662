import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { SUMMARY_EXAMPLE, SummaryQuery, UsageFileSummaryRef } from '../../schemas/usage-file-query.ts'
import { FILE_STATUSES, type FileStatus } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { mapAtMost } from '../../src/limits/semaphore.ts'
import { fileFilter } from '../../src/usage/filters/query-filters.ts'

/** The most calls to Connect that run at the same time for one summary. Each status takes one call. */
const COUNTS_AT_ONCE = 4

export const summarizeUsageFiles: RoutePlugin = async (app) => {
  app.get(
    '/summary',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'summarizeUsageFiles',
        tags: ['Usage files'],
        summary: 'Count usage files by status',
        description:
          'How many usage files are in each status, under the same filters as the list but `status`. `total` counts ' +
          'what the list shows, so without deleted files.',
        querystring: SummaryQuery,
        response: { 200: ok(UsageFileSummaryRef, 'The counts.', SUMMARY_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const context = readContext(request, reply)
      const filter = fileFilter(request.query)
      const counts = await mapAtMost(
        FILE_STATUSES,
        COUNTS_AT_ONCE,
        async status => await app.connect.usageFiles.count({ ...filter, status }, context)
      )
      const byStatus = Object.fromEntries(FILE_STATUSES.map((status, index) => [status, counts[index] ?? 0])) as Record<
        FileStatus,
        number
      >
      return { total: counts.reduce((sum, count) => sum + count, 0) - byStatus.deleted, byStatus }
    }
  )
}
