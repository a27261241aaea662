import { USAGE_SCHEMAS } from '../../schemas/common.ts'
import type { UsageColumn } from '../../schemas/usage-columns.ts'
import type { ColumnType } from './table.ts'

export type UsageSchemaWord = typeof USAGE_SCHEMAS[number]

export const ITEM_CRITERIA = ['item.mpn', 'item.global_id', 'item.local_id'] as const
export const ASSET_CRITERIA = ['asset.id', 'parameter.<id>'] as const
export const PRECISION_WORDS = ['Integer', 'Decimal(1)', 'Decimal(2)', 'Decimal(4)', 'Decimal(8)'] as const
/** The most characters in a column of the vendor or provider (`parameter_value` in the OpenAPI document of Connect). */
export const PARAMETER_MAX = 255
/** All four together describe an item that the product does not have yet. */
export const DYNAMIC_COLUMNS = ['item_name', 'item_unit', 'item_mpn', 'item_precision'] as const

interface Fact {
  name: string
  description: string
  /** Default: text. */
  type?: ColumnType
  /** Default: the limit of a cell. */
  maxLength?: number
  /** The only values that a cell may have. `<…>` stands for any text. */
  values?: readonly string[]
  /** The schemas that need the column in every row. Default: none. */
  neededIn?: readonly UsageSchemaWord[]
}

const RATED = ['pr', 'cr', 'tr'] as const
const TIME = 'in UTC, as `YYYY-MM-DD hh:mm:ss`.'

/** The columns of the sheet `records`, in the order of CloudBlue's own examples. */
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

const CATEGORY_COLUMNS = ['category_id', 'category_name', 'category_description']
const PLACES = new Map(
  [...CATEGORY_COLUMNS, ...FACTS.map(({ name }) => name)].map((name, place): [string, number] => [name, place])
)

/**
 * Gives columns in the order of CloudBlue's examples. Columns that are not in the examples follow, in the order of
 * their names. So the same rows give the same workbook from any order of columns.
 */
export function inUsageOrder (columns: readonly string[]): string[] {
  const placeOf = (name: string): number => PLACES.get(name) ?? PLACES.size
  return [...columns].sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1))
}

/** Gives the columns that a workbook of usage may have in a schema. */
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

/** Gives the type of the values in a column; `text` for an unknown column. */
export function typeOfColumn (name: string): ColumnType {
  return BY_NAME.get(name)?.type ?? 'text'
}

/** Whether a workbook of usage may have the column. `v.` begins the columns of a vendor, `p.` those of a provider. */
export function isKnownColumn (name: string): boolean {
  return isOwnColumn(name) || (BY_NAME.has(name) && !name.startsWith('v.'))
}

export function isOwnColumn (name: string): boolean {
  return /^[vp]\../.test(name)
}
