import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Events, Stats, Time, UsageSchema, iconReference, nullable, reference, text, words } from './common.ts'

export const CHUNK_STATUSES = ['draft', 'ready', 'closed', 'failed'] as const
export const CHUNK_ACTIONS = ['update', 'close', 'regenerate'] as const

export const chunkStatus = words(
  'UsageChunkStatus',
  '`draft`: Connect makes its workbook. `ready`: the workbook can be read. `closed`: billed. ' +
  '`failed`: it has no workbook.',
  CHUNK_STATUSES
)
export const chunkAction = words(
  'UsageChunkAction',
  '`update`: updateUsageChunk. `close`: closeUsageChunk. `regenerate`: regenerateUsageChunk.',
  CHUNK_ACTIONS
)

export const USAGE_CHUNK_EXAMPLE = {
  id: 'UFC-2026-09-1512-0016-001', fileId: 'UF-2026-09-1512-0016', fileName: 'Cloud usage October', schema: 'cr',
  status: 'ready', outdated: false, externalId: null,
  hub: { id: 'HB-5603-6213', name: 'Commerce Europe' }, hubExternalId: 'commerce-eu',
  marketplace: { id: 'MP-69876', name: 'Europe', icon: null },
  provider: { id: 'PA-400-500', name: 'Northwind Distribution', icon: null },
  errorDetail: null, stats: { uploaded: 12, validated: 0, pending: 0, accepted: 12, closed: 0, billed: 0 },
  events: [{ type: 'created', at: '2026-11-03T10:00:01.250000Z', by: null }],
  actions: ['update', 'close', 'regenerate'], files: { chunk: '/v1/usage-chunks/UFC-2026-09-1512-0016-001/file' },
  createdAt: '2026-11-03T10:00:01.250000Z'
}

export const UsageChunk = Type.Object(
  {
    id: Type.String({ description: 'Id of the chunk.', examples: ['UFC-2026-09-1512-0016-001'] }),
    fileId: text('Id of the usage file it was cut from.'),
    fileName: text('Name of that file.'),
    schema: UsageSchema,
    status: nullable({
      ...chunkStatus,
      description: 'Where the chunk stands; null when Connect sent a status that this service does not know.'
    }),
    outdated: Type.Boolean({ description: 'Whether its records changed after the workbook was made.' }),
    externalId: text("The hub's own id of the chunk."),
    hub: reference('The commerce system it is for.'),
    hubExternalId: text("The hub's id at the provider."),
    marketplace: iconReference('The marketplace of the file.'),
    provider: iconReference('Who bills it.'),
    errorDetail: text('Why the chunk failed.'),
    stats: Stats,
    events: Events,
    actions: Type.Array(chunkAction, {
      description: 'What this caller may do with the chunk now, by its status, and the role and scopes of the caller.'
    }),
    files: Type.Object(
      { chunk: text("Path of the chunk's workbook in this API; null while it does not exist.") },
      { additionalProperties: false, description: 'Where its workbook is.' }
    ),
    createdAt: Time('When it was made.')
  },
  {
    $id: 'UsageChunk',
    additionalProperties: false,
    description: 'The part of an accepted usage file that belongs to one hub.',
    examples: [USAGE_CHUNK_EXAMPLE]
  }
)
export type UsageChunk = Static<typeof UsageChunk>
export const UsageChunkRef = Type.Unsafe<UsageChunk>(Type.Ref('UsageChunk'))
