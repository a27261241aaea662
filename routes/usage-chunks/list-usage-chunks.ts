import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { USAGE_CHUNK_EXAMPLE, UsageChunk, UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { ListUsageChunksQuery } from '../../schemas/usage-chunk-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { chunkFilter, chunkSort } from '../../src/usage/filters/collection-filters.ts'
import { toUsageChunk } from '../../src/usage/mapping/usage-chunk.ts'

export const listUsageChunks: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageChunks',
        tags: ['Usage chunks'],
        summary: 'List chunks',
        description:
          'The parts of accepted usage files, one a hub, the newest month first unless `sort` says otherwise. ' +
          '`?status=ready&hubId=…` is what a hub has to import.',
        querystring: ListUsageChunksQuery,
        response: { 200: okList(UsageChunkRef, 'chunks', USAGE_CHUNK_EXAMPLE), 304: notModified, ...problems() }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      const { actor } = context
      return await sendList(request, reply, {
        read: async window => await app.connect.usageChunks.list(
          { filter: chunkFilter(query), sort: chunkSort(query), ...window }, context
        ),
        toItem: chunk => toUsageChunk(chunk, actor),
        schema: UsageChunk,
        name: 'usage-chunks'
      })
    }
  )
}
