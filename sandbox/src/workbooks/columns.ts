import type { Schema } from './types.ts'

/**
 * When a column must be filled: always (`required`), never (`optional`), in schemas with amounts (`rated`), in the
 * schema `tr` (`tiered`), or only to create an item (`dynamic`).
 */
export type Need = 'required' | 'optional' | 'rated' | 'tiered' | 'dynamic'

export interface ColumnDefinition { name: string, need: Need, type: string, about: string }

/** The columns of the `records` sheet, in the order of the template of a product. */
export const recordColumns: readonly ColumnDefinition[] = [
  { name: 'record_id', need: 'required', type: 'text', about: 'Identifier of the record, unique within the file.' },
  { name: 'record_note', need: 'optional', type: 'text', about: 'Free text.' },
  { name: 'item_search_criteria', need: 'required', type: 'choice', about: 'How the item is looked up.' },
  { name: 'item_search_value', need: 'required', type: 'text', about: 'The value to look the item up by.' },
  {
    name: 'quantity',
    need: 'required',
    type: 'number',
    about: 'Amount consumed; no more decimals than the precision of the item, never negative.'
  },
  {
    name: 'start_time_utc',
    need: 'required',
    type: 'time',
    about: 'First moment of the usage, YYYY-MM-DD hh:mm:ss in UTC.'
  },
  {
    name: 'end_time_utc',
    need: 'required',
    type: 'time',
    about: 'Last moment of the usage, YYYY-MM-DD hh:mm:ss in UTC.'
  },
  { name: 'asset_search_criteria', need: 'required', type: 'choice', about: 'How the asset is looked up.' },
  { name: 'asset_search_value', need: 'required', type: 'text', about: 'The value to look the asset up by.' },
  { name: 'category_id', need: 'optional', type: 'text', about: 'A category declared in the categories sheet.' },
  { name: 'amount', need: 'rated', type: 'number', about: 'Total of the row before tax, in the currency of the file.' },
  { name: 'tier', need: 'tiered', type: 'choice', about: 'Account level that the amount is meant for.' },
  { name: 'item_name', need: 'dynamic', type: 'text', about: 'Name of an item to be created.' },
  { name: 'item_unit', need: 'dynamic', type: 'text', about: 'Unit of an item to be created.' },
  { name: 'item_mpn', need: 'dynamic', type: 'text', about: 'Manufacturer part number of an item to be created.' },
  { name: 'item_precision', need: 'dynamic', type: 'choice', about: 'Precision of an item to be created.' }
]

export const itemCriteria = ['item.mpn', 'item.global_id', 'item.local_id'] as const
/** The values of `asset_search_criteria` in the genuine template of 2019. No source tells of others. */
export const assetCriteria = ['asset.id', 'parameter.<parameter id>'] as const
export const dynamicItemColumns = ['item_name', 'item_unit', 'item_mpn', 'item_precision'] as const

/** A column that no template has, but that CloudBlue's older SDKs send. */
const alsoKnown = ['asset_recon_id']

export function isKnownColumn (name: string): boolean {
  return isCustomColumn(name) || alsoKnown.includes(name) || recordColumns.some(column => column.name === name)
}

/** Whether a column is one of the vendor's own (`v.…`) or of the provider's own (`p.…`). */
export function isCustomColumn (name: string): boolean {
  return /^[vp]\../.test(name)
}

/** Whether the rows of a schema have an amount: all schemas except `qt`. */
export function isRated (schema: Schema): boolean {
  return schema !== 'qt'
}

export function isRequired ({ need }: ColumnDefinition, schema: Schema): boolean {
  return need === 'required' || (need === 'rated' && isRated(schema)) || (need === 'tiered' && schema === 'tr')
}

export function requiredColumns (schema: Schema, customFields: readonly string[]): string[] {
  const own = recordColumns.filter(column => isRequired(column, schema)).map(column => column.name)
  return [...own, ...customFields.map(customColumnName)]
}

/** Gives the name of the column of a custom field, which is given with or without `v.` or `p.`. */
export function customColumnName (field: string): string {
  return isCustomColumn(field) ? field : `v.${field}`
}
