import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_CHUNK_EXAMPLE, UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { CHUNK_NOT_ALLOWED, UpdateUsageChunkBody, UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { hasExternalId, performChunkAction } from '../../src/usage/writes/chunk-action.ts'

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
          ...problems([400, 404, 409, 413, 415], CHUNK_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const { usageChunks } = app.connect
      const { chunkId: id } = request.params
      // Connect knows no null here: none is an empty text.
      const externalId = request.body.externalId ?? ''
      const context = writeContext(request)
      return await performChunkAction({
        id,
        action: 'update',
        role: context.account.role,
        attempt: context.attempt,
        act: async again => await usageChunks.update(id, { external_id: externalId }, { ...context, ...again }),
        read: async () => await usageChunks.get(id, context),
        isResendable: true,
        isDone: hasExternalId(externalId)
      })
    }
  )
}
