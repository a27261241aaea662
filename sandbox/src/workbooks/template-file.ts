import type { CellValue } from './cell-value.ts'
import { padDecimals } from './decimal-text.ts'
import { allowedDecimals } from './check-numbers.ts'
import { assetCriteria, isRated, isRequired, itemCriteria, recordColumns, type ColumnDefinition } from './columns.ts'
import type { CatalogItem, Schema } from './types.ts'
import { writeSheets } from './write-sheets.ts'

export interface TemplateProduct { id: string, name: string, schema: Schema, items: readonly CatalogItem[] }

const needTexts: Readonly<Record<ColumnDefinition['need'], string>> = {
  required: 'required',
  rated: 'required',
  tiered: 'required',
  optional: 'optional',
  dynamic: 'only to create an item that the product does not have'
}

/** The sheets are those of the one genuine template that is known (2019), where `records` is `usage_records`. */
export async function writeTemplate (product: TemplateProduct): Promise<Uint8Array> {
  const columns = recordColumns.filter(({ need }) =>
    (need !== 'rated' || isRated(product.schema)) && (need !== 'tiered' || product.schema === 'tr'))
  const headers = columns.map(({ name }) => name)
  const bold = new Set(columns.filter(column => isRequired(column, product.schema)).map(({ name }) => name))
  return await writeSheets([
    { name: 'intro', rows: introRows(product) },
    {
      name: 'data_definitions',
      rows: [
        ['column', 'need', 'type', 'meaning'],
        ...columns.map(({ name, need, type, about }) => [name, needTexts[need], type, about]),
        ['v.<name>', 'optional', 'text', 'Any column of the vendor\'s own, at most 255 characters a cell.']
      ]
    },
    { name: 'valid_values', rows: validValueRows(product) },
    { name: 'example', rows: [headers, headers.map(exampleCells(product))], bold },
    { name: 'records', rows: [headers], bold }
  ])
}

function introRows ({ id, name, schema }: TemplateProduct): string[][] {
  return [
    [`Usage template of ${name} (${id}), schema ${schema.toUpperCase()}`],
    ['Fill in the records sheet, one row for each usage record, and upload the workbook.'],
    ['Columns with a bold header must be filled in every row.']
  ]
}

function validValueRows ({ schema, items }: TemplateProduct): string[][] {
  return [
    ['column', 'value', 'meaning'],
    ...itemCriteria.map(value => ['item_search_criteria', value, '']),
    ...items.map(({ mpn, name, unit, precision }) => ['item_search_value', mpn, `${name}, ${unit}, ${precision}`]),
    ...assetCriteria.map(value => ['asset_search_criteria', value, '']),
    ...(schema === 'tr'
      ? [
          ['tier', '0', 'end customer'],
          ['tier', '1', 'reseller'],
          ['tier', '2', 'account above the reseller']
        ]
      : []),
    ...['Integer', 'Decimal(1)', 'Decimal(2)', 'Decimal(4)', 'Decimal(8)'].map(value => ['item_precision', value, ''])
  ]
}

function exampleCells ({ items }: TemplateProduct): (column: string) => CellValue {
  const item = items[0]
  const values = new Map<string, CellValue>([
    ['record_id', 'record-0001'],
    ['record_note', 'An example'],
    ['item_search_criteria', 'item.mpn'],
    ['item_search_value', item?.mpn ?? 'MPN-0001'],
    ['quantity', padDecimals('1', item === undefined ? 0 : allowedDecimals(item.precision))],
    ['start_time_utc', '2026-01-01 00:00:00'],
    ['end_time_utc', '2026-01-31 23:59:59'],
    ['asset_search_criteria', 'asset.id'],
    ['asset_search_value', 'AS-0000-0000-0000'],
    ['amount', '10.50'],
    ['tier', 0]
  ])
  return column => values.get(column) ?? null
}
