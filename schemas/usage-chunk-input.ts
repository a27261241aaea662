import type { Static } from 'typebox'
import { Type } from 'typebox'
import { nullable } from './common.ts'
import { TRIMMED, chunkId, fileId, hubId, providerId } from './patterns.ts'
import { USAGE_CHUNK_EXAMPLE, chunkStatus } from './usage-chunk.ts'
import { anyOfEnum, anyOfIds, pagingQuery, querystring, sortQuery } from './paging.ts'

export const CHUNK_SORTS = ['fileId'] as const

export const CLOSED_CHUNK_EXAMPLE = {
  ...USAGE_CHUNK_EXAMPLE,
  status: 'closed',
  stats: { ...USAGE_CHUNK_EXAMPLE.stats, accepted: 0, closed: 12, billed: 12 },
  events: [
    ...USAGE_CHUNK_EXAMPLE.events,
    { type: 'closed', at: '2026-11-05T08:30:00Z', by: { id: 'SU-400-500-600', name: 'Provider integration' } }
  ],
  actions: ['update']
}
export const DRAFT_CHUNK_EXAMPLE = {
  ...USAGE_CHUNK_EXAMPLE,
  status: 'draft',
  actions: ['update', 'regenerate'],
  files: { chunk: null }
}

/** The example of a 409 response in the OpenAPI document, for actions on chunks. */
export const CHUNK_NOT_ALLOWED = {
  409: {
    description: 'The status of the chunk does not allow the action.',
    code: 'ACTION_NOT_ALLOWED',
    detail: 'The chunk is closed: close is not possible now.',
    more: {
      currentStatus: 'closed',
      actions: ['update'],
      connect: { status: 400, errorCode: 'USG_001', errors: ['Chunk in status closed does not allow close.'] }
    }
  }
} as const

export const UsageChunkParams = Type.Object({
  chunkId
}, { additionalProperties: false })

export const ListUsageChunksQuery = querystring({
  id: anyOfIds('Ids of chunks.', chunkId),
  fileId: anyOfIds('Ids of usage files.', fileId),
  status: anyOfEnum(chunkStatus, 'Statuses.'),
  hubId: anyOfIds('Ids of hubs.', hubId),
  providerId: anyOfIds('Ids of provider accounts.', providerId),
  ...sortQuery(CHUNK_SORTS, '-fileId'),
  ...pagingQuery
})
export type ListUsageChunksQuery = Static<typeof ListUsageChunksQuery>

export const UpdateUsageChunkBody = Type.Object(
  {
    externalId: nullable(
      Type.String({
        ...TRIMMED,
        maxLength: 200,
        description: "The hub's own id of the chunk, such as the id of its import; null removes the id.",
        examples: ['BATCH-004711']
      })
    )
  },
  {
    title: 'UpdateUsageChunk',
    additionalProperties: false,
    description: 'The change of the chunk.',
    examples: [{ externalId: 'BATCH-004711' }]
  }
)
export type UpdateUsageChunkBody = Static<typeof UpdateUsageChunkBody>
