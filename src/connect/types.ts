/**
 * The objects that Connect sends, with Connect's own names. Some versions of Connect leave a key out, others send null,
 * so every field is optional and nullable. The client does not check the types of the fields, so code that maps these
 * objects must expect values of other types.
 */

export type * from './bodies.ts'
export type * from './catalogue-types.ts'

export type Maybe<T> = T | null | undefined

/** A decimal number as a text, with the exact digits that Connect sent. It may have an exponent. */
export type Decimal = string

export type UsageFileStatus = 'draft' | 'uploading' | 'uploaded' | 'processing' | 'invalid' | 'ready' | 'pending' |
  'accepted' | 'rejected' | 'closed' | 'deleted'
export type UsageRecordStatus = 'valid' | 'invalid' | 'approved' | 'rejected' | 'closed'
export type UsageChunkStatus = 'draft' | 'ready' | 'closed' | 'failed'
export type ReconciliationStatus = 'uploaded' | 'processing' | 'processed' | 'failed'
export type UsageSchema = 'qt' | 'pr' | 'cr' | 'tr'
export type UsageEnvironment = 'test' | 'preview' | 'production'
export type UsageRuleAction = 'accept' | 'reject' | 'manual'
export type UsageRuleStatus = 'active' | 'deleted'

export interface Reference {
  readonly id?: Maybe<string>
  readonly name?: Maybe<string>
}

export interface IconReference extends Reference {
  readonly icon?: Maybe<string>
}

export interface ConnectEvent {
  readonly at?: Maybe<string>
  /** Who caused the event. Missing or null when Connect itself acted, for example by a usage rule. */
  readonly by?: Maybe<Reference>
}

/** By name, such as `created`. Only the events that have happened. */
export type ConnectEvents = Readonly<Record<string, Maybe<ConnectEvent>>>

export interface UsageStats {
  readonly uploaded?: Maybe<number>
  readonly validated?: Maybe<number>
  readonly pending?: Maybe<number>
  readonly accepted?: Maybe<number>
  readonly closed?: Maybe<number>
  readonly billed?: Maybe<number>
}

export interface UsagePeriod {
  /** `from` and `to` are dates by Connect's document, and date-times in practice. */
  readonly from?: Maybe<string>
  readonly to?: Maybe<string>
}

export interface UsageFile {
  readonly id?: Maybe<string>
  readonly name?: Maybe<string>
  readonly description?: Maybe<string>
  readonly note?: Maybe<string>
  readonly external_id?: Maybe<string>
  readonly status?: Maybe<string>
  readonly environment?: Maybe<string>
  readonly schema?: Maybe<string>
  readonly currency?: Maybe<string>
  readonly period?: Maybe<UsagePeriod>
  /** From here to `product`: a string (id or name) in one documented response to create, else an object. */
  readonly vendor?: Maybe<IconReference | string>
  readonly provider?: Maybe<IconReference | string>
  readonly marketplace?: Maybe<IconReference | string>
  readonly contract?: Maybe<Reference | string>
  readonly product?: Maybe<IconReference | string>
  readonly error_detail?: Maybe<string>
  /** The older name of `error_detail`. */
  readonly error_details?: Maybe<string | readonly string[]>
  readonly acceptance_note?: Maybe<string>
  readonly rejection_note?: Maybe<string>
  readonly stats?: Maybe<UsageStats>
  readonly events?: Maybe<ConnectEvents>
  /** The time of the event `created` in older versions of Connect. */
  readonly created_at?: Maybe<string>
  readonly created_by?: Maybe<Reference | string>
  /** From here to `reconciliation_file_uri`: only in the response to a read of one file, not in lists. */
  readonly sub_status?: Maybe<string>
  readonly records?: Maybe<{
    readonly valid?: Maybe<number>
    readonly invalid?: Maybe<number>
    readonly closed?: Maybe<number>
  }>
  /** These three links are signed, so they are secrets: give them to no caller. */
  readonly usage_file_uri?: Maybe<string>
  readonly processed_file_uri?: Maybe<string>
  readonly reconciliation_file_uri?: Maybe<string>
  /** From here on: other names of some fields above, in the response to create by Connect's document. */
  readonly distribution_contract?: Maybe<string>
  readonly product_id?: Maybe<string>
  readonly product_name?: Maybe<string>
  readonly product_icon?: Maybe<string>
  readonly start_datetime_utc?: Maybe<string>
  readonly end_datetime_utc?: Maybe<string>
}

export interface UsageCategory extends Reference {
  readonly description?: Maybe<string>
}

export interface UsageItemReference extends Reference {
  readonly local_id?: Maybe<string>
  readonly unit?: Maybe<string>
  readonly mpn?: Maybe<string>
  /** `Decimal(4)`, `decimal(4)` and `decimal_4` all occur. */
  readonly precision?: Maybe<string>
  readonly type?: Maybe<string>
}

export interface UsageAssetReference {
  readonly id?: Maybe<string>
  readonly external_id?: Maybe<string>
  readonly external_uid?: Maybe<string>
  readonly recon_id?: Maybe<string>
}

export interface UsageFileReference extends Reference {
  readonly schema?: Maybe<string>
  readonly currency?: Maybe<string>
}

export interface UsageRecordParameter {
  readonly parameter_name?: Maybe<string>
  readonly parameter_value?: Maybe<string>
}

export interface UsageRecord {
  readonly id?: Maybe<string>
  readonly start_date?: Maybe<string>
  readonly end_date?: Maybe<string>
  readonly product_id?: Maybe<string>
  readonly external_billing_id?: Maybe<string>
  readonly external_billing_note?: Maybe<string>
  readonly item?: Maybe<UsageItemReference>
  readonly asset?: Maybe<UsageAssetReference>
  /** A string by Connect's document, an object in real records. */
  readonly category?: Maybe<string | Reference>
  readonly tier?: Maybe<number>
  readonly amount?: Maybe<Decimal>
  readonly multiplier?: Maybe<number>
  /** The quantity of the item. */
  readonly usage?: Maybe<Decimal>
  readonly status?: Maybe<string>
  readonly closed_at?: Maybe<string>
  readonly closed_by?: Maybe<string | Reference>
  readonly params?: Maybe<readonly UsageRecordParameter[]>
  readonly item_id?: Maybe<string>
  readonly asset_id?: Maybe<string>
  readonly asset_external_id?: Maybe<string>
  readonly asset_external_uid?: Maybe<string>
  readonly resource_local_id?: Maybe<string>
  readonly usagefile?: Maybe<UsageFileReference>
  /** Strings by Connect's document. Lists of strings may come, too. */
  readonly error_codes?: Maybe<string | readonly string[]>
  readonly error_details?: Maybe<string | readonly string[]>
}

export interface UsageBinding {
  readonly hub?: Maybe<Reference>
  readonly external_id?: Maybe<string>
}

export interface UsageChunk {
  readonly id?: Maybe<string>
  readonly status?: Maybe<string>
  readonly outdated?: Maybe<boolean>
  readonly usagefile?: Maybe<UsageFileReference>
  readonly binding?: Maybe<UsageBinding>
  readonly marketplace?: Maybe<IconReference>
  readonly provider?: Maybe<IconReference>
  readonly external_id?: Maybe<string>
  readonly error?: Maybe<{ readonly detail?: Maybe<string> }>
  readonly events?: Maybe<ConnectEvents>
  readonly stats?: Maybe<UsageStats>
}

export interface Reconciliation {
  readonly id?: Maybe<string>
  readonly status?: Maybe<string>
  readonly usagefile?: Maybe<UsageFileReference>
  readonly partusagefile?: Maybe<{ readonly id?: Maybe<string>, readonly provider?: Maybe<IconReference> }>
  readonly binding?: Maybe<UsageBinding>
  readonly error?: Maybe<{ readonly detail?: Maybe<string> }>
  readonly notes?: Maybe<{ readonly uploaded?: Maybe<string>, readonly processing?: Maybe<string> }>
  readonly events?: Maybe<ConnectEvents>
}

export interface UsageAggregate {
  readonly item?: Maybe<UsageItemReference>
  readonly asset?: Maybe<UsageAssetReference>
  readonly amount?: Maybe<Decimal>
  readonly currency?: Maybe<string>
  readonly consumed?: Maybe<Decimal>
  readonly accepted?: Maybe<Decimal>
  readonly events?: Maybe<ConnectEvents>
}

export interface UsageTemplate {
  /** A signed link: read it with `storage.fetch`. */
  readonly template_link?: Maybe<string>
}

export interface UsageRule {
  readonly id?: Maybe<string>
  readonly action?: Maybe<string>
  readonly scope?: Maybe<string>
  readonly rule?: Maybe<string>
  readonly status?: Maybe<string>
  readonly item?: Maybe<Reference>
  readonly events?: Maybe<ConnectEvents>
}

export interface ClosedRecord {
  readonly id?: Maybe<string>
  readonly status?: Maybe<string>
  /** Connect does not document this field, and a row may lack it. */
  readonly external_billing_id?: Maybe<string>
  readonly error_codes?: Maybe<string | readonly string[]>
  readonly error_details?: Maybe<string | readonly string[]>
}
