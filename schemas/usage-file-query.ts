import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Moment, counter, schemaWord } from './common.ts'
import { anyOfEnum, anyOfIds, pagingQuery, querystring, sortQuery } from './paging.ts'
import { contractId, fileId, marketplaceId, productId, providerId, vendorId } from './patterns.ts'
import { FILE_SORTS, FILE_STATUSES, environment, filePart, fileStatus, type FileStatus } from './usage-file.ts'

const contains = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Text anywhere in the name, in any case.',
    examples: ['october']
  })
)

const filters = {
  id: anyOfIds('Ids of usage files.', fileId),
  environment: anyOfEnum(environment, 'Environments.'),
  schema: anyOfEnum(schemaWord, 'Schemas.'),
  name: contains,
  externalId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: "The vendor's own id, exactly.",
      examples: ['acme-2026-10']
    })
  ),
  productId: anyOfIds('Ids of products.', productId),
  contractId: anyOfIds('Ids of distribution contracts.', contractId),
  marketplaceId: anyOfIds('Ids of marketplaces.', marketplaceId),
  vendorId: anyOfIds('Ids of vendor accounts.', vendorId),
  providerId: anyOfIds('Ids of provider accounts.', providerId),
  createdAfter: Type.Optional(Moment('Created at or after.')),
  createdBefore: Type.Optional(Moment('Created before.', '2026-11-01'))
}

export const ListUsageFilesQuery = querystring({
  ...filters,
  status: anyOfEnum(fileStatus, 'Statuses; `deleted` files are listed only when asked for here.'),
  ...sortQuery(FILE_SORTS, '-createdAt'),
  ...pagingQuery
})
export type ListUsageFilesQuery = Static<typeof ListUsageFilesQuery>

export const SummaryQuery = querystring(filters)
export type SummaryQuery = Static<typeof SummaryQuery>

export const GetUsageFileQuery = querystring({
  include: Type.Optional(
    Type.Array(filePart, {
      minItems: 1,
      maxItems: 3,
      description: 'Parts to join in the answer, comma-separated: `categories`, `chunks`, `reconciliations`.',
      examples: [['chunks']]
    })
  )
})

export const SUMMARY_EXAMPLE = {
  total: 36,
  byStatus: {
    draft: 2,
    uploading: 0,
    uploaded: 0,
    processing: 1,
    invalid: 3,
    ready: 4,
    pending: 5,
    accepted: 7,
    rejected: 2,
    closed: 12,
    deleted: 1
  }
}

export const UsageFileSummary = Type.Object(
  {
    total: Type.Integer({ minimum: 0, description: 'Files in all statuses but `deleted`: what the list shows.' }),
    byStatus: Type.Object(
      Object.fromEntries(FILE_STATUSES.map(status => [status, counter(`Files in status ${status}.`)])) as Record<
        FileStatus,
        ReturnType<typeof counter>
      >,
      {
        additionalProperties: false,
        description: 'Files by status.'
      }
    )
  },
  {
    $id: 'UsageFileSummary',
    additionalProperties: false,
    description: 'How many usage files are in each status.',
    examples: [SUMMARY_EXAMPLE]
  }
)
export type UsageFileSummary = Static<typeof UsageFileSummary>
export const UsageFileSummaryRef = Type.Unsafe<UsageFileSummary>(Type.Ref('UsageFileSummary'))
