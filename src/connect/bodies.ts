/** JSON bodies of calls to Connect, with Connect's own names. */

export interface UsageFileCreateBody {
  readonly name: string
  readonly product: { readonly id: string }
  readonly contract: { readonly id: string }
  readonly period: { readonly from: string, readonly to: string }
  readonly currency?: string | null
  readonly description?: string | null
  readonly note?: string | null
  readonly external_id?: string | null
}

export interface UsageFileUpdateBody {
  readonly description?: string | null
  readonly note?: string | null
  readonly period?: { readonly from?: string | null, readonly to?: string | null } | null
  readonly currency?: string | null
  readonly external_id?: string | null
}

export interface BillingBody {
  readonly external_billing_id?: string
  readonly external_billing_note?: string
}

export interface RecordToClose extends BillingBody {
  readonly id: string
}

export interface UsageRuleCreateBody {
  readonly item: { readonly id: string }
  readonly action: string
  readonly rule: string
  readonly status: string
}

export interface UsageRuleUpdateBody {
  readonly item?: { readonly id: string }
  readonly action?: string
  readonly rule?: string | null
  readonly status?: string
  /** `after`: the id of the rule to stand behind. This service sends no null here. */
  readonly gravity?: { readonly after: string | null }
}
