/** The types of the values that the folders `state` and `workbooks` exchange. Quantities and amounts are texts. */

export type Schema = 'qt' | 'pr' | 'cr' | 'tr'
export type Precision = 'Integer' | 'Decimal(1)' | 'Decimal(2)' | 'Decimal(4)' | 'Decimal(8)'

export interface CatalogItem {
  id: string
  localId: string
  name: string
  unit: string
  mpn: string
  precision: Precision
  type: 'Reservation' | 'PPU'
  /** Whether a usage file has created the item. */
  dynamic: boolean
}

/** A new item that a row describes in its columns item_name, item_unit, item_mpn and item_precision. */
export type DescribedItem = Pick<CatalogItem, 'name' | 'unit' | 'mpn' | 'precision'>

export interface CatalogAsset {
  id: string
  externalId: string
  externalUid: string
  reconId: string | null
}

/** What the rows of a usage file are checked against. */
export interface Catalog {
  schema: Schema
  /** The first and the last second of the usage file's period, in ISO 8601 in UTC. */
  period: { from: string, to: string }
  /** Whether usage is taken of items of each type. Connect: `ppu` and `reservation.consumption`. */
  takes: Readonly<Record<CatalogItem['type'], boolean>>
  /** Whether rows may describe items that the product does not have. Connect: `ppu.dynamic`. */
  dynamicItems: boolean
  /** `late`: whether rows may end before the period. `future`: whether rows may begin after it. */
  late: boolean
  future: boolean
  /** The names, with or without `v.`, of columns that every row must fill. Connect: `ppu.required_custom_fields`. */
  requiredCustomFields: readonly string[]
  findItem: (criteria: string, value: string) => CatalogItem | undefined
  addItem: (described: DescribedItem) => CatalogItem
  findAsset: (criteria: string, value: string) => CatalogAsset | undefined
}

export interface RowError {
  code: string
  message: string
  /** The column with the fault, and its cell such as `D4`. Null when the sheet has no such column. */
  column: string | null
  cell: string | null
}

export interface CheckedRow {
  /** The number of the row in the `records` sheet. The header is row 1. */
  row: number
  recordId: string
  note: string | null
  item: CatalogItem | null
  asset: CatalogAsset | null
  categoryId: string | null
  /** Plain decimals; null when blank or no number. The amount is null in the schema `qt`, too. */
  quantity: string | null
  amount: string | null
  tier: number | null
  /** The start and the end of the usage in ISO 8601 in UTC; null when blank or no time. */
  start: string | null
  end: string | null
  /** The filled columns `v.…` and `p.…`, in the order of the sheet. */
  params: { name: string, value: string }[]
  errors: RowError[]
}

export interface Category { id: string, name: string, description: string | null }

export interface CheckedWorkbook {
  rows: CheckedRow[]
  categories: Category[]
  /** A fault of the file as a whole, such as a missing column; null without one. With a fault, `rows` is empty. */
  fileError: string | null
}

/** The lines of the `general` sheet in their order: the name and the value of each attribute. */
export type General = readonly (readonly [string, string])[]

export interface ChunkRow {
  recordId: string
  recordNote: string | null
  start: string
  end: string
  item: CatalogItem
  categoryId: string | null
  status: string
  asset: CatalogAsset
  quantity: string
  /** The amount of the record; null in the schema `qt`. */
  amount: string | null
  tier: number | null
  externalBillingId: string | null
  externalBillingNote: string | null
}

export interface ReconciliationRow {
  row: number
  recordId: string
  externalBillingId: string | null
  externalBillingNote: string | null
  /** Tells that a needed cell holds an error such as `#N/A`; null without one. */
  fault: string | null
}

export interface ReconciliationWorkbook {
  /** The `report_id` and the `hub_id` of the `general` sheet; null where absent. */
  reportId: string | null
  hubId: string | null
  rows: ReconciliationRow[]
  fileError: string | null
}
