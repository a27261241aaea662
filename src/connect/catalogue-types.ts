/** The objects of Connect's catalogue, which is outside of the Usage API. Members that are not needed are left out. */
import type { IconReference, Maybe, Reference, UsageItemReference } from './types.ts'

export type ProductStatus = 'draft' | 'indevelopment' | 'oncertification' | 'published' | 'initializationfailed' |
  'deleted' | 'endofsale'
/** The type of a product's item, as a filter must spell it. Connect's answers have it in lower case: `ppu`. */
export type ItemType = 'Reservation' | 'PPU'
export type AssetStatus = 'draft' | 'processing' | 'active' | 'terminating' | 'suspended' | 'terminated'
export type ListingStatus = 'unlisted' | 'listed'

export interface Product extends IconReference {
  readonly status?: Maybe<string>
  readonly capabilities?: Maybe<{
    /** Null for a product that takes no usage of pay-per-use items. An object with `ppu: false` means the same. */
    readonly ppu?: Maybe<{
      /** The usage schema, in capitals: `CR`. */
      readonly schema?: Maybe<string>
      readonly dynamic?: Maybe<boolean>
      /** The vendor's own columns that each row must fill. Connect does not document whether they begin with `v.`. */
      readonly required_custom_fields?: Maybe<readonly string[]>
    }>
    /** `consumption` is true when usage of reservation items (booked beforehand) can be reported. */
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
  /** A row of usage may name its subscription by the value of one of these parameters. */
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
