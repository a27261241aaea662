import { USAGE_SCHEMAS } from '../../schemas/common.ts'
import type { UsageColumn } from '../../schemas/usage-columns.ts'
import type { ColumnType } from './table.ts'

export type UsageSchemaWord = typeof USAGE_SCHEMAS[number]

export const ITEM_CRITERIA = ['item.mpn', 'item.global_id', 'item.local_id'] as const
export const ASSET_CRITERIA = ['asset.id', 'parameter.<id>'] as const
export const PRECISION_WORDS = ['Integer', 'Decimal(1)', 'Decimal(2)', 'Decimal(4)', 'Decimal(8)'] as const
/** The most characters of a value in `v.*` or `p.*`: the limit of `parameter_value` in Connect's OpenAPI document. */
export const PARAMETER_MAX = 255
/** Columns that describe an item which the product does not have yet. A row should have all four of them, or none. */
export const DYNAMIC_COLUMNS = ['item_name', 'item_unit', 'item_mpn', 'item_precision'] as const

interface Fact {
  name: string
  description: string
  type?: ColumnType
  maxLength?: number
  /** The values that CloudBlue documents. `<…>` in a value stands for any text. Absent: none are documented. */
  values?: readonly string[]
  /** The schemas in which every row needs a value in the column. Default: none. */
  neededIn?: readonly UsageSchemaWord[]
}

const RATED = ['pr', 'cr', 'tr'] as const
const TIME = 'in UTC, as `YYYY-MM-DD hh:mm:ss`.'

/** The documented columns of the sheet `records`, in the order of CloudBlue's own examples. */
const FACTS: readonly Fact[] = [
  {
    name: 'record_id',
    neededIn: USAGE_SCHEMAS,
    description: 'The id that you give to the row. No other row of the file has the same.'
  },
  { name: 'record_note', description: 'A remark on the row.' },
  {
    name: 'item_search_criteria',
    neededIn: USAGE_SCHEMAS,
    values: ITEM_CRITERIA,
    description: 'How Connect finds the item: by MPN, by the id in Connect, or by the local id.'
  },
  {
    name: 'item_search_value',
    neededIn: USAGE_SCHEMAS,
    description: 'The MPN or the id of the item.'
  },
  {
    name: 'quantity',
    type: 'number',
    neededIn: USAGE_SCHEMAS,
    description: 'How much was used. Not negative, and with no more decimals than the precision of the item.'
  },
  { name: 'start_time_utc', type: 'time', neededIn: USAGE_SCHEMAS, description: `Begin of the usage ${TIME}` },
  { name: 'end_time_utc', type: 'time', neededIn: USAGE_SCHEMAS, description: `End of the usage ${TIME}` },
  {
    name: 'asset_search_criteria',
    neededIn: USAGE_SCHEMAS,
    values: ASSET_CRITERIA,
    description: 'How Connect finds the subscription: by its id, or by the value of a parameter.'
  },
  {
    name: 'asset_search_value',
    neededIn: USAGE_SCHEMAS,
    description: 'The id of the subscription, `AS-…`, or the value of the parameter.'
  },
  { name: 'category_id', description: 'The category of the row, one of those that the file declares.' },
  {
    name: 'amount',
    type: 'number',
    neededIn: RATED,
    description: 'The price of the whole row before tax, in the currency of the file. Not used in the schema `qt`.'
  },
  {
    name: 'tier',
    type: 'number',
    neededIn: ['tr'],
    values: ['0', '1', '2'],
    description: 'The level that the amount is for: 0 customer, 1 its reseller, 2 the account above. Only schema `tr`.'
  },
  { name: 'item_name', description: 'Only for an item that the product does not have yet: its name.' },
  { name: 'item_unit', description: 'Only for an item that the product does not have yet: its unit.' },
  { name: 'item_mpn', description: 'Only for an item that the product does not have yet: its MPN.' },
  {
    name: 'item_precision',
    values: PRECISION_WORDS,
    description: 'Only for an item that the product does not have yet: how many decimals a quantity has.'
  },
  {
    name: 'asset_recon_id',
    description: 'The reconciliation id of the subscription. Older clients of Connect send it.'
  },
  {
    name: 'v.<name>',
    maxLength: PARAMETER_MAX,
    description: 'Your own columns, any number of them. Connect shows them as `params` of the record.'
  }
]

const BY_NAME = new Map(FACTS.map(fact => [fact.name, fact]))

/** The place of each column in the sheet that holds it. */
const PLACES = {
  records: placesOf(FACTS.map(({ name }) => name)),
  categories: placesOf(['category_id', 'category_name', 'category_description'])
}

function placesOf (names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, place) => [name, place]))
}

/**
 * Sorts the names of the columns of a sheet by PLACES. Columns without a place come last, sorted by name. So the result
 * does not depend on the given order.
 */
export function inUsageOrder (columns: readonly string[], sheet: keyof typeof PLACES): string[] {
  const places = PLACES[sheet]
  const placeOf = (name: string): number => places.get(name) ?? places.size
  return [...columns].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
}

export function usageColumns (schema: UsageSchemaWord): UsageColumn[] {
  return FACTS.map(({ neededIn = [], name, type = 'text', maxLength = null, values = null, description }) =>
    ({
      name,
      type,
      required: neededIn.includes(schema),
      maxLength,
      values: values === null ? null : [...values],
      description
    }))
}

export function typeOfColumn (name: string): ColumnType {
  return BY_NAME.get(name)?.type ?? 'text'
}

export function isKnownColumn (name: string): boolean {
  return isOwnColumn(name) || BY_NAME.has(name)
}

export function isOwnColumn (name: string): boolean {
  return /^[vp]\../.test(name)
}
