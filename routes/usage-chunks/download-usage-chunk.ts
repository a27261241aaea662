import { problems } from '../../schemas/problem.ts'
import { workbook } from '../../schemas/responses.ts'
import { UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { missingChunkWorkbook } from '../../src/usage/missing-workbook.ts'
import { openServed, workbookHeaders } from '../../src/usage/workbook.ts'

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
        response: { 200: workbook('The workbook.'), ...problems() }
      }
    },
    async (request, reply) => {
      const { usageChunks } = app.connect
      const { chunkId } = request.params
      const context = readContext(request, reply)
      const download = await openServed(
        async () => await usageChunks.download(chunkId, context),
        async () => missingChunkWorkbook(await usageChunks.get(chunkId, context))
      )
      return await reply.headers(workbookHeaders(chunkId, download)).send(download.stream)
    }
  )
}
