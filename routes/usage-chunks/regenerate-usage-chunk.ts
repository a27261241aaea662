import { problems } from '../../schemas/problem.ts'
import { NoBody, ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { CHUNK_NOT_ALLOWED, DRAFT_CHUNK_EXAMPLE, UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { writeContext } from '../../src/http/call-context.ts'
import { sendWritten } from '../../src/http/send-object.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { REGENERATE } from '../../src/usage/writes/chunk-operations.ts'

export const regenerateUsageChunk: RoutePlugin = async (app) => {
  app.post(
    '/:chunkId/regenerate',
    {
      config: { scope: 'usage:close', documentedBody: null, takesWait: true },
      schema: {
        operationId: 'regenerateUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Make the workbook of a chunk again',
        description:
          'Starts to rebuild the workbook of a chunk whose records changed (`outdated`) or that failed. With ' +
          '`Prefer: wait=20` the answer comes when the chunk is `ready` or `failed`; doing it twice does no harm.',
        params: UsageChunkParams,
        body: NoBody,
        response: {
          202: ok(UsageChunkRef, 'The work has begun.', DRAFT_CHUNK_EXAMPLE, RETRY_AFTER),
          ...problems([409], CHUNK_NOT_ALLOWED)
        }
      }
    },
    async (request, reply) => {
      const context = writeContext(request)
      const shown = await executeWrite(REGENERATE, app.connect, request.params, context)
      reply.code(202).header('retry-after', '2')
      return await sendWritten(request, reply, {
        kind: 'usage-chunk', shown, show: chunk => toUsageChunk(chunk, context.actor)
      })
    }
  )
}
