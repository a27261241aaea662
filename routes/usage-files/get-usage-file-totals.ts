import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { USAGE_TOTALS_EXAMPLE, UsageFileTotalsRef } from '../../schemas/usage-totals.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendTotals } from '../../src/http/send-totals.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { toCountedRecord } from '../../src/usage/mapping/usage-record.ts'

export const getUsageFileTotals: RoutePlugin = async (app) => {
  app.get(
    '/:fileId/totals',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getUsageFileTotals',
        tags: ['Usage files'],
        summary: 'Add up the records of a usage file',
        description:
          'Exact sums over all records: compare them with your own before you submit, accept or close. All records ' +
          'are read for each answer, which takes some seconds for a large file.',
        params: UsageFileParams,
        response: { 200: ok(UsageFileTotalsRef, 'The sums.', USAGE_TOTALS_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const { usageFiles, usageRecords } = app.connect
      const { fileId } = request.params
      const context = readContext(request, reply)
      const { currency } = toUsageFile(await usageFiles.get(fileId, context), context.actor, 'detail')
      return await sendTotals(request, reply, currency, {
        read: async window => await usageRecords.list(
          { filter: { 'usagefile.id': fileId }, sort: ['created_time'], ...window }, context
        ),
        toItem: record => toCountedRecord(record, fileId)
      })
    }
  )
}
