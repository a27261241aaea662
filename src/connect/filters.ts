/** The filters and the order of Connect's lists. Connect cannot filter usage files by their period. */
import type {
  AssetStatus, ItemType, ListingStatus, ProductStatus, UsageChunkStatus, UsageEnvironment, UsageFileStatus,
  UsageRecordStatus, UsageRuleAction, UsageRuleStatus, UsageSchema
} from './types.ts'

/**
 * The field has this value, one of these values, or (`not`) none of these. An empty list throws UnquotableValueError.
 */
export type Match<T extends string = string> = T | readonly T[] | { readonly not: T | readonly T[] }

/** Upper and lower case count as the same. A `*` in the text is a plain star. An empty text is no condition. */
export interface Contains {
  readonly contains: string
}

/** The bounds are ISO 8601 dates or date-times. */
export interface Range {
  readonly ge?: string
  readonly gt?: string
  readonly le?: string
  readonly lt?: string
}

export type Condition = Match | Contains | Range

/** All conditions must hold; an undefined one is ignored. */
export type Filter = Readonly<Record<string, Condition | undefined>>

export type UsageFileFilter = {
  readonly id?: Match
  readonly name?: Match | Contains
  readonly external_id?: Match
  readonly status?: Match<UsageFileStatus>
  readonly environment?: Match<UsageEnvironment>
  readonly schema?: Match<UsageSchema>
  readonly 'product.id'?: Match
  readonly 'product.name'?: Match | Contains
  readonly 'contract.id'?: Match
  readonly 'contract.name'?: Match | Contains
  readonly 'marketplace.id'?: Match
  readonly 'marketplace.name'?: Match | Contains
  readonly 'vendor.id'?: Match
  readonly 'vendor.name'?: Match | Contains
  readonly 'provider.id'?: Match
  readonly 'provider.name'?: Match | Contains
  /** Connect takes comparisons of this field, but not equality. */
  readonly 'created.at'?: Range
}

export type UsageFileSortField = 'id' | 'status' | 'schema' | 'environment' | 'created.at' | 'contract.name' |
  'marketplace.name' | 'product.name' | 'provider.name' | 'vendor.name'

export type UsageRecordFilter = {
  readonly 'usagefile.id'?: Match
  readonly 'usagefile.schema'?: Match<UsageSchema>
  readonly status?: Match<UsageRecordStatus>
  readonly 'asset.id'?: Match
  readonly 'asset.external_id'?: Match
  readonly 'asset.external_uid'?: Match
  readonly 'item.id'?: Match
  readonly 'product.id'?: Match
  readonly 'hub.id'?: Match
  readonly start_date?: Range
  readonly end_date?: Range
  readonly created_time?: Range
  readonly usage_start_time?: Range
}

export type UsageRecordSortField = 'created_time' | 'status' | 'usage_start_time'

export type UsageCategoryFilter = {
  readonly id?: Match
  readonly name?: Match | Contains
}

export type UsageCategorySortField = 'name'

export type UsageChunkFilter = {
  readonly id?: Match
  readonly status?: Match<UsageChunkStatus>
  readonly 'usagefile.id'?: Match
  readonly 'binding.hub.id'?: Match
  readonly 'provider.id'?: Match
}

export type UsageChunkSortField = 'usagefile.id'

/** Connect cannot filter reconciliations by their id or their status. */
export type ReconciliationFilter = {
  readonly 'usagefile.id'?: Match
  readonly 'partusagefile.id'?: Match
  readonly 'partusagefile.provider.id'?: Match
  readonly 'binding.hub.id'?: Match
}

export type ReconciliationSortField = 'usagefile.id' | 'partusagefile.id'

export type UsageAggregateFilter = {
  readonly 'asset.id'?: Match
  readonly 'asset.external_uid'?: Match
  readonly 'item.id'?: Match
  readonly 'item.local_id'?: Match
  readonly 'item.type'?: Match
}

export type UsageRuleFilter = {
  readonly id?: Match
  readonly 'item.id'?: Match
  readonly 'item.name'?: Match | Contains
  readonly rule?: Match | Contains
  readonly action?: Match<UsageRuleAction>
  readonly scope?: Match
  readonly status?: Match<UsageRuleStatus>
}

export type UsageRuleSortField = 'item.id'

export type ProductFilter = {
  readonly id?: Match
  readonly name?: Match | Contains
  readonly status?: Match<ProductStatus>
}

export type ProductSortField = 'name'

export type ItemFilter = {
  readonly id?: Match
  readonly mpn?: Match
  readonly name?: Match | Contains
  readonly local_id?: Match
  readonly type?: Match<ItemType>
}

export type AssetFilter = {
  readonly id?: Match
  readonly external_id?: Match
  readonly external_uid?: Match
  readonly status?: Match<AssetStatus>
  readonly 'product.id'?: Match
  readonly 'marketplace.id'?: Match
  readonly 'contract.id'?: Match
  /** With `params.value`, both conditions must hold for the same parameter of the subscription. */
  readonly 'params.id'?: Match
  readonly 'params.value'?: Match
}

export type AssetSortField = 'created'

export type ListingFilter = {
  readonly status?: Match<ListingStatus>
  readonly 'product.id'?: Match
  readonly 'contract.id'?: Match
  readonly 'marketplace.id'?: Match
}

export type ListingSortField = 'created'

/** Ascending; with `-` before the name, descending. */
export type Sort<Field extends string> = Field | `-${Field}`

export interface ListQuery<F, Field extends string = never> {
  readonly filter?: F | undefined
  readonly sort?: readonly Sort<Field>[] | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  /** True: the calling function has the page with this digest already, so the page is not parsed. */
  readonly isKnown?: ((digest: string) => boolean) | undefined
}

export interface Page<T> {
  readonly items: T[]
  /** The number of objects on all pages. 0 in a page that has `isKnown`. */
  readonly total: number
  /** Connect gave no total: `total` is the offset plus the number of `items`, and more objects may exist. */
  readonly isTotalGuessed?: true
  /** The size of the response body. Missing in a page that has `isKnown`. */
  readonly bytes?: number
  /** The SHA-256 of the response's body and `Content-Range`. Only for a query with `isKnown`. */
  readonly digest?: string
  /** The calling function has this page already. It was not parsed, so `items` is empty. */
  readonly isKnown?: true
}
