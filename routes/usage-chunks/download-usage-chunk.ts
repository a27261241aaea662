import { problems } from '../../schemas/problem.ts'
import { UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { missingChunkWorkbook } from '../../src/usage/missing-workbook.ts'
import { openServed } from '../../src/usage/workbook.ts'

export const downloadUsageChunk: RoutePlugin = async (app) => {
  app.get(
    '/:chunkId/file',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'downloadUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Download the workbook of a chunk',
        description:
          'The records of one hub. Fill in `external_billing_id` and `external_billing_note` and send it to the ' +
          'reconciliations to close them.',
        params: UsageChunkParams,
        querystring: WorkbookQuery,
        response: { 200: workbook('The workbook.'), ...problems() }
      }
    },
    async (request, reply) => {
      const { usageChunks } = app.connect
      const { chunkId } = request.params
      const context = readContext(request, reply)
      return await sendWorkbook(request, reply, {
        name: chunkId,
        open: async () => await openServed(
          async () => await usageChunks.download(chunkId, context),
          async () => missingChunkWorkbook(await usageChunks.get(chunkId, context))
        )
      })
    }
  )
}
