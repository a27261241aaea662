import { invalidField } from '../../errors/app-error.ts'
import type { CategoriesQuery } from '../../../schemas/category.ts'
import type { ListUsageFilesQuery, SummaryQuery } from '../../../schemas/usage-file-query.ts'
import type { FILE_SORTS } from '../../../schemas/usage-file.ts'
import type { ListUsageRecordsQuery, RECORD_SORTS } from '../../../schemas/usage-record.ts'
import type {
  Contains,
  Range,
  Sort,
  UsageCategoryFilter,
  UsageFileFilter,
  UsageFileSortField,
  UsageRecordFilter,
  UsageRecordSortField
} from '../../connect/filters.ts'
import { isDay, time } from '../mapping/normalize.ts'

const FILE_SORT_FIELDS: Readonly<Record<(typeof FILE_SORTS)[number], UsageFileSortField>> = {
  id: 'id',
  status: 'status',
  schema: 'schema',
  environment: 'environment',
  createdAt: 'created.at',
  productName: 'product.name',
  contractName: 'contract.name',
  marketplaceName: 'marketplace.name',
  vendorName: 'vendor.name',
  providerName: 'provider.name'
}

const RECORD_SORT_FIELDS: Readonly<Record<typeof RECORD_SORTS[number], UsageRecordSortField>> = {
  createdAt: 'created_time', status: 'status', startDate: 'usage_start_time'
}

/** The most fields to sort by that Connect takes. */
const MAX_SORT_FIELDS = 5

export function fileFilter (query: SummaryQuery): UsageFileFilter {
  return compact({
    id: match('id', query.id),
    environment: query.environment,
    schema: query.schema,
    name: contains('name', query.name),
    external_id: match('externalId', query.externalId),
    'product.id': match('productId', query.productId),
    'contract.id': match('contractId', query.contractId),
    'marketplace.id': match('marketplaceId', query.marketplaceId),
    'vendor.id': match('vendorId', query.vendorId),
    'provider.id': match('providerId', query.providerId),
    'created.at': range(query, 'createdAfter', 'createdBefore')
  })
}

/** Without `status` the filter leaves deleted files out, which Connect would list for ever. */
export function fileListFilter (query: ListUsageFilesQuery): UsageFileFilter {
  return { ...fileFilter(query), status: query.status ?? { not: 'deleted' } }
}

export function recordFilter (query: ListUsageRecordsQuery): UsageRecordFilter {
  return compact({
    'usagefile.id': match('fileId', query.fileId),
    'usagefile.schema': query.schema,
    status: query.status,
    'asset.id': match('assetId', query.assetId),
    'asset.external_id': match('assetExternalId', query.assetExternalId),
    'asset.external_uid': match('assetExternalUid', query.assetExternalUid),
    'item.id': match('itemId', query.itemId),
    'product.id': match('productId', query.productId),
    'hub.id': match('hubId', query.hubId),
    start_date: range(query, 'startedAfter', 'startedBefore'),
    end_date: range(query, 'endedAfter', 'endedBefore'),
    created_time: range(query, 'createdAfter', 'createdBefore')
  })
}

export function categoryFilter (query: CategoriesQuery): UsageCategoryFilter {
  return compact({ id: match('id', query.id), name: contains('name', query.name) })
}

/** Default: the newest first. The id is always one of the fields: pages could overlap without a fixed order. */
export function fileSort (query: ListUsageFilesQuery): Sort<UsageFileSortField>[] {
  const sort = sortFields(FILE_SORT_FIELDS, query.sort ?? ['-createdAt'])
  const all: Sort<UsageFileSortField>[] = sort.some(field => field === 'id' || field === '-id') ? sort : [...sort, 'id']
  if (all.length > MAX_SORT_FIELDS) throw invalidField('query.sort', 'must have at most four fields beside id')
  return all
}

/** The time of creation is always a field: pages could overlap without it, and Connect cannot sort records by id. */
export function recordSort (query: ListUsageRecordsQuery): Sort<UsageRecordSortField>[] {
  const sort = sortFields(RECORD_SORT_FIELDS, query.sort ?? ['createdAt'])
  return sort.some(field => field === 'created_time' || field === '-created_time') ? sort : [...sort, 'created_time']
}

/** Gives Connect's names of the fields; a `-` (descending) stays. Throws VALIDATION_FAILED for a field given twice. */
export function sortFields<Ours extends string, Theirs extends string> (
  fields: Readonly<Record<Ours, Theirs>>,
  given: readonly (Ours | `-${Ours}`)[]
): Sort<Theirs>[] {
  if (new Set(given.map(field => field.replace(/^-/, ''))).size < given.length) {
    throw invalidField('query.sort', 'must not name anything twice')
  }
  return given.map((field): Sort<Theirs> =>
    field.startsWith('-') ? `-${fields[field.slice(1) as Ours]}` : fields[field as Ours]
  )
}

export function match<Given extends string | readonly string[] | undefined> (name: string, given: Given): Given {
  for (const value of typeof given === 'string' ? [given] : given ?? []) requireQuotable(`query.${name}`, value)
  return given
}

export function contains (name: string, given: string | undefined): Contains | undefined {
  if (given === undefined) return undefined
  requireQuotable(`query.${name}`, given)
  return { contains: given }
}

/**
 * Throws VALIDATION_FAILED for a value that a filter of Connect cannot express: with both kinds of quotes (RQL has no
 * escape), with control characters, or with half of a surrogate pair. Also for `empty()` and `null()`: Connect reads
 * them as operators, even in quotes. `path`: where the value stands in the request.
 */
export function requireQuotable (path: string, value: string): void {
  if (/^(?:empty|null)\(\)$/.test(value)) throw invalidField(path, 'cannot be this word with brackets')
  if (/[\p{Cc}\p{Cs}]/u.test(value) || (value.includes('"') && value.includes("'"))) {
    throw invalidField(path, 'cannot hold both kinds of quotes or control characters')
  }
}

function range<After extends string, Before extends string> (
  query: { readonly [name in After | Before]?: string },
  after: After,
  before: Before
): Range | undefined {
  const from = momentOf(`query.${after}`, query[after])
  const to = momentOf(`query.${before}`, query[before])
  if (from === undefined && to === undefined) return undefined
  return { ...(from !== undefined && { ge: from }), ...(to !== undefined && { lt: to }) }
}

/** Gives a date unchanged and a date-time in UTC. Throws VALIDATION_FAILED for a time that does not exist. */
export function momentOf (path: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const moment = given.length === 10 && isDay(given) ? given : time(given)
  if (moment === null) throw invalidField(path, 'is not a time that exists')
  return moment
}

export function compact<Filter extends object> (filter: { [name in keyof Filter]: Filter[name] | undefined }): Filter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as Filter
}
