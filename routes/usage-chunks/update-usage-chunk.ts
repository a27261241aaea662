import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_CHUNK_EXAMPLE, UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { CHUNK_NOT_ALLOWED, UpdateUsageChunkBody, UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { UPDATE_CHUNK } from '../../src/usage/writes/chunk-operations.ts'

export const updateUsageChunk: RoutePlugin = async (app) => {
  app.patch(
    '/:chunkId',
    {
      config: { scope: 'usage:close' },
      schema: {
        operationId: 'updateUsageChunk',
        tags: ['Usage chunks'],
        summary: "Note the hub's id of a chunk",
        description: "Stores the hub's own id of the chunk, so that others see that it was imported.",
        params: UsageChunkParams,
        body: UpdateUsageChunkBody,
        response: {
          200: ok(UsageChunkRef, 'The chunk as it is now.', { ...USAGE_CHUNK_EXAMPLE, externalId: 'BATCH-004711' }),
          ...problems([409], CHUNK_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const input = { ...request.params, externalId: request.body.externalId ?? '' }
      return await executeWrite(UPDATE_CHUNK, app.connect, input, writeContext(request))
    }
  )
}
