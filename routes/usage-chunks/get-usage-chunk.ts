import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_CHUNK_EXAMPLE, UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'

export const getUsageChunk: RoutePlugin = async (app) => {
  app.get(
    '/:chunkId',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Get a chunk',
        description:
          'The part of a usage file that belongs to one hub. Poll it after a regeneration until it is `ready` or ' +
          '`failed`.',
        params: UsageChunkParams,
        response: { 200: ok(UsageChunkRef, 'The chunk.', USAGE_CHUNK_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) => {
      const context = readContext(request, reply)
      const { actor } = context
      return toUsageChunk(await app.connect.usageChunks.get(request.params.chunkId, context), actor)
    }
  )
}
