import { Decimal } from '../decimal.ts'
import type { CellValue } from './cell-value.ts'
import { categoriesSheet } from './categories-sheet.ts'
import { allowedDecimals } from './check-numbers.ts'
import { isRated } from './columns.ts'
import { padDecimals } from './decimal-text.ts'
import { generalSheet, instructionsSheet } from './general-sheet.ts'
import { sheetTime } from './sheet-time.ts'
import type { Category, ChunkRow, General, Schema } from './types.ts'
import { writeSheets, type SheetToWrite } from './write-sheets.ts'

const instructions = [
  'This workbook holds the usage records to be billed through one hub.',
  'Fill in external_billing_id and external_billing_note for every record that has been billed.',
  'Send the workbook back as a reconciliation file; records with both cells filled are closed.'
]

const leadingColumns = [
  'record_id', 'record_note', 'start_time_utc', 'end_time_utc',
  'item_id', 'item_name', 'item_mpn', 'item_unit', 'item_type', 'item_period', 'item_precision',
  'category_id', 'status', 'asset_id', 'asset_external_id', 'asset_external_uid', 'asset_recon_id', 'quantity'
]
const ratedColumns = ['amount', 'tier']
const billingColumns = ['external_billing_id', 'external_billing_note']

/**
 * Quantities are text with all decimals of their item, as in Connect's own workbook. The place of the columns amount
 * and tier is not known: the one genuine workbook has the schema `qt`.
 */
export async function writeChunkFile (
  schema: Schema,
  general: General,
  categories: readonly Category[],
  rows: readonly ChunkRow[]
): Promise<Uint8Array> {
  const rated = isRated(schema)
  return await writeSheets([
    instructionsSheet(instructions),
    generalSheet(general),
    categoriesSheet(categories),
    {
      name: 'records',
      rows: [
        [...leadingColumns, ...(rated ? ratedColumns : []), ...billingColumns],
        ...rows.map(row => recordCells(row, rated))
      ]
    },
    summarySheet(rows)
  ])
}

function recordCells (row: ChunkRow, rated: boolean): CellValue[] {
  const { item, asset } = row
  return [
    row.recordId, row.recordNote, sheetTime(new Date(row.start)), sheetTime(new Date(row.end)),
    item.id, item.name, item.mpn, item.unit, item.type, 'Monthly', item.precision,
    row.categoryId, row.status, asset.id, asset.externalId, asset.externalUid, asset.reconId, paddedQuantity(row),
    ...(rated ? [row.amount, row.tier] : []),
    row.externalBillingId, row.externalBillingNote
  ]
}

function paddedQuantity ({ quantity, item }: ChunkRow): string {
  return padDecimals(quantity, allowedDecimals(item.precision))
}

/** Gives a sum as genuine workbooks write it: without zeros at the end, but with at least one decimal. */
function floatText (decimal: string): string {
  const short = decimal.includes('.') ? decimal.replace(/0+$/, '') : `${decimal}.`
  return short.endsWith('.') ? `${short}0` : short
}

function summarySheet (rows: readonly ChunkRow[]): SheetToWrite {
  const groups = new Map<string, { first: ChunkRow, quantities: Decimal[] }>()
  for (const row of rows) {
    const key = JSON.stringify([row.item.id, row.item.mpn, row.categoryId])
    const group = groups.get(key) ?? { first: row, quantities: [] }
    group.quantities.push(new Decimal(paddedQuantity(row)))
    groups.set(key, group)
  }
  return {
    name: 'summary',
    rows: [
      ['item_id', 'item_mpn', 'category_id', 'quantity', 'records'],
      ...[...groups.values()].map(({ first: { item, categoryId }, quantities }) => [
        item.id,
        item.mpn,
        categoryId,
        floatText(Decimal.sum(quantities).text),
        String(quantities.length)
      ])
    ]
  }
}
