/** The objects of Connect's catalogue, outside of the Usage API: only the members that this service reads. */
import type { IconReference, Maybe, Reference, UsageItemReference } from './types.ts'

export type ProductStatus = 'draft' | 'indevelopment' | 'oncertification' | 'published' | 'initializationfailed' |
  'deleted' | 'endofsale'
/** The spelling that filters need. The items themselves have lower case. */
export type ItemType = 'Reservation' | 'PPU'
export type AssetStatus = 'draft' | 'processing' | 'active' | 'terminating' | 'suspended' | 'terminated'
export type ListingStatus = 'unlisted' | 'listed'

export interface Product extends IconReference {
  readonly status?: Maybe<string>
  readonly capabilities?: Maybe<{
    /** Null for a product that takes no usage of pay-per-use items. */
    readonly ppu?: Maybe<{
      /** In capitals: `CR`. */
      readonly schema?: Maybe<string>
      readonly dynamic?: Maybe<boolean>
      /** The vendor's columns that each row must fill. Connect does not document whether the names begin with `v.`. */
      readonly required_custom_fields?: Maybe<readonly string[]>
    }>
    /** `consumption`: usage of items that are booked beforehand can be reported. */
    readonly reservation?: Maybe<{ readonly consumption?: Maybe<boolean> }>
  }>
}

export interface ProductItem extends Omit<UsageItemReference, 'unit'> {
  readonly unit?: Maybe<string | Reference>
  readonly period?: Maybe<string>
  readonly status?: Maybe<string>
  readonly dynamic?: Maybe<boolean>
}

export interface Asset {
  readonly id?: Maybe<string>
  readonly external_id?: Maybe<string>
  readonly external_uid?: Maybe<string>
  readonly status?: Maybe<string>
  readonly product?: Maybe<IconReference>
  readonly marketplace?: Maybe<IconReference>
  /** Fulfilment parameters. Rows of usage may name a subscription by the value of one. */
  readonly params?: Maybe<readonly { readonly id?: Maybe<string>, readonly value?: Maybe<string> }[]>
}

export interface Listing {
  readonly id?: Maybe<string>
  readonly status?: Maybe<string>
  readonly product?: Maybe<IconReference>
  readonly contract?: Maybe<Reference & { readonly marketplace?: Maybe<IconReference> }>
  readonly marketplace?: Maybe<IconReference>
  readonly vendor?: Maybe<IconReference>
  readonly provider?: Maybe<IconReference>
}
