/** What passes between the sandbox's state and its workbooks: plain values, decimals as text. */

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
  /** A usage file has created the item. */
  dynamic: boolean
}

/** What the columns item_name, item_unit, item_mpn and item_precision say of an item that the product does not have. */
export type DescribedItem = Pick<CatalogItem, 'name' | 'unit' | 'mpn' | 'precision'>

export interface CatalogAsset {
  id: string
  externalId: string
  externalUid: string
  reconId: string | null
}

/** What a product and its contract allow: everything a row is checked against. */
export interface Catalog {
  schema: Schema
  /** First and last moment of the usage file's period, ISO 8601 UTC. */
  period: { from: string, to: string }
  /** Whether usage is taken of items of each type: `ppu`, `reservation.consumption`. */
  takes: Readonly<Record<CatalogItem['type'], boolean>>
  /** `ppu.dynamic`: rows may name items that the product never declared. */
  dynamicItems: boolean
  /** `ppu.late` / `ppu.future`: rows may lie wholly before / after the period. */
  late: boolean
  future: boolean
  /** `ppu.required_custom_fields`: `v.*` columns that every row must fill. */
  requiredCustomFields: readonly string[]
  findItem: (criteria: string, value: string) => CatalogItem | undefined
  /** Creates the item that a row describes, and gives it its ids. */
  addItem: (described: DescribedItem) => CatalogItem
  findAsset: (criteria: string, value: string) => CatalogAsset | undefined
}

export interface RowError {
  code: string
  message: string
  /** Header of the failing column, and its cell such as `D4`; null when the row as a whole fails. */
  column: string | null
  cell: string | null
}

export interface CheckedRow {
  /** 1-based row number in the `records` sheet; the header is row 1. */
  row: number
  recordId: string
  note: string | null
  item: CatalogItem | null
  asset: CatalogAsset | null
  categoryId: string | null
  /** Decimals exactly as the cell has them. */
  quantity: string | null
  amount: string | null
  tier: number | null
  /** ISO 8601 UTC. */
  start: string | null
  end: string | null
  /** Filled `v.*` (and `p.*`) columns, in the sheet's order. */
  params: { name: string, value: string }[]
  errors: RowError[]
}

export interface Category { id: string, name: string, description: string | null }

export interface CheckedWorkbook {
  rows: CheckedRow[]
  categories: Category[]
  /**
   * A fault of the file as a whole (no records sheet, missing column …), at most 200 characters; rows is then empty.
   */
  fileError: string | null
}

/** The two-column `general` sheet, in order. */
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
  /** Rated schemas only. */
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
  /** Why the row cannot be taken, or null. */
  fault: string | null
}

export interface ReconciliationWorkbook {
  /** `report_id` and `hub_id` of the `general` sheet, null where absent. */
  reportId: string | null
  hubId: string | null
  rows: ReconciliationRow[]
  fileError: string | null
}
