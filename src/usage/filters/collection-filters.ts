import type { ListAssetsQuery, ListProductItemsQuery, ListProductsQuery } from '../../../schemas/catalogue.ts'
import type { ListReconciliationsQuery, RECONCILIATION_SORTS } from '../../../schemas/reconciliation-input.ts'
import type { ListUsageAggregatesQuery } from '../../../schemas/usage-aggregate.ts'
import type { CHUNK_SORTS, ListUsageChunksQuery } from '../../../schemas/usage-chunk-input.ts'
import type { ListUsageRulesQuery } from '../../../schemas/usage-rule.ts'
import type {
  AssetFilter,
  ItemFilter,
  ProductFilter,
  ReconciliationFilter,
  ReconciliationSortField,
  Sort,
  UsageAggregateFilter,
  UsageChunkFilter,
  UsageChunkSortField,
  UsageRuleFilter
} from '../../connect/filters.ts'
import { compact, contains, match, sortFields } from './query-filters.ts'

const CHUNK_SORT_FIELDS: Readonly<Record<typeof CHUNK_SORTS[number], UsageChunkSortField>> = { fileId: 'usagefile.id' }

const RECONCILIATION_SORT_FIELDS: Readonly<Record<typeof RECONCILIATION_SORTS[number], ReconciliationSortField>> = {
  fileId: 'usagefile.id', chunkId: 'partusagefile.id'
}

/** The types as Connect's filters take them: there, unlike in Connect's answers, upper and lower case matter. */
const ITEM_TYPES = { reservation: 'Reservation', ppu: 'PPU' } as const

export function chunkFilter (query: ListUsageChunksQuery): UsageChunkFilter {
  return compact({
    id: match('id', query.id),
    status: query.status,
    'usagefile.id': match('fileId', query.fileId),
    'binding.hub.id': match('hubId', query.hubId),
    'provider.id': match('providerId', query.providerId)
  })
}

/** Default: the newest month first, by the ids of the usage files, which have it after `UF-` (UF-2026-10-1220-0236). */
export function chunkSort (query: ListUsageChunksQuery): Sort<UsageChunkSortField>[] {
  return sortFields(CHUNK_SORT_FIELDS, query.sort ?? ['-fileId'])
}

export function reconciliationFilter (query: ListReconciliationsQuery): ReconciliationFilter {
  return compact({
    'usagefile.id': match('fileId', query.fileId),
    'partusagefile.id': match('chunkId', query.chunkId),
    'partusagefile.provider.id': match('providerId', query.providerId),
    'binding.hub.id': match('hubId', query.hubId)
  })
}

/** Default: the newest month first, by the file ids. Connect has no field that orders reconciliations of one chunk. */
export function reconciliationSort (query: ListReconciliationsQuery): Sort<ReconciliationSortField>[] {
  const sort = sortFields(RECONCILIATION_SORT_FIELDS, query.sort ?? ['-fileId'])
  return sort.some(field => field.endsWith('partusagefile.id')) ? sort : [...sort, 'partusagefile.id']
}

export function aggregateFilter (query: ListUsageAggregatesQuery): UsageAggregateFilter {
  return compact({
    'asset.id': match('assetId', query.assetId),
    'asset.external_uid': match('assetExternalUid', query.assetExternalUid),
    'item.id': match('itemId', query.itemId),
    'item.local_id': match('itemLocalId', query.itemLocalId),
    'item.type': query.itemType?.map(type => ITEM_TYPES[type])
  })
}

export function ruleFilter (query: ListUsageRulesQuery): UsageRuleFilter {
  return compact({
    id: match('id', query.id),
    'item.id': match('itemId', query.itemId),
    'item.name': contains('itemName', query.itemName),
    action: query.action,
    scope: query.scope,
    status: query.status
  })
}

export function productFilter (query: ListProductsQuery): ProductFilter {
  return compact({ id: match('id', query.id), name: contains('name', query.name), status: query.status })
}

export function itemFilter (query: ListProductItemsQuery): ItemFilter {
  return compact({
    id: match('id', query.id),
    mpn: match('mpn', query.mpn),
    name: contains('name', query.name),
    type: query.type?.map(type => ITEM_TYPES[type])
  })
}

export function assetFilter (query: ListAssetsQuery): AssetFilter {
  return compact({
    id: match('id', query.id),
    'product.id': match('productId', query.productId),
    external_id: match('externalId', query.externalId),
    external_uid: match('externalUid', query.externalUid),
    status: query.status
  })
}
