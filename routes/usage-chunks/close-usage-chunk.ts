import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { CHUNK_NOT_ALLOWED, CLOSED_CHUNK_EXAMPLE, UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { CloseUsageRecordBody } from '../../schemas/usage-record.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { CLOSE_CHUNK } from '../../src/usage/writes/chunk-operations.ts'

export const closeUsageChunk: RoutePlugin = async (app) => {
  app.post(
    '/:chunkId/close',
    {
      config: { scope: 'usage:close' },
      schema: {
        operationId: 'closeUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Close a chunk',
        description:
          'Declares a whole chunk billed: its approved records are closed with this billing id. A chunk does not ' +
          'show its billing id, so a close whose outcome is unknown is settled by its records: if the one closed ' +
          'last has this billing id, it is done. When no other chunk of the file is open, Connect closes the file too.',
        params: UsageChunkParams,
        body: CloseUsageRecordBody,
        response: {
          200: ok(UsageChunkRef, 'The closed chunk.', CLOSED_CHUNK_EXAMPLE),
          ...problems([409], CHUNK_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const input = { ...request.params, billing: request.body }
      return await executeWrite(CLOSE_CHUNK, app.connect, input, writeContext(request))
    }
  )
}
