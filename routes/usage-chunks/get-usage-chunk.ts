import { problems } from '../../schemas/problem.ts'
import { ETAG, notModified, ok } from '../../schemas/responses.ts'
import { USAGE_CHUNK_EXAMPLE, UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { sendObject } from '../../src/http/send-object.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'

export const getUsageChunk: RoutePlugin = async (app) => {
  app.get(
    '/:chunkId',
    {
      config: { scope: 'usage:read', takesWait: true },
      schema: {
        operationId: 'getUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Get a chunk',
        description:
          'The part of a usage file that belongs to one hub. After a regeneration, wait with `Prefer: wait=20` until ' +
          'it is `ready` or `failed`.',
        params: UsageChunkParams,
        response: {
          200: ok(UsageChunkRef, 'The chunk.', USAGE_CHUNK_EXAMPLE, ETAG),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const context = readContext(request, reply)
      const { actor } = context
      const { chunkId } = request.params
      return await sendObject(request, reply, {
        kind: 'usage-chunk',
        id: chunkId,
        read: async () => await app.connect.usageChunks.get(chunkId, context),
        show: chunk => toUsageChunk(chunk, actor)
      })
    }
  )
}
