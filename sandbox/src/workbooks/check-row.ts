import { clip, lengthOf } from './cell-text.ts'
import { checkAsset, checkItem } from './check-item.ts'
import { checkAmount, checkQuantity, checkTier } from './check-numbers.ts'
import { checkWindow } from './check-window.ts'
import { customColumnName, isCustomColumn, isRated } from './columns.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { SheetRow } from './read-sheets.ts'
import { readRow, type RowReader } from './row-reader.ts'
import type { Catalog, CheckedRow } from './types.ts'

/** The most characters of a `params[].parameter_value` in Connect's API. */
const longestCustomValue = 255

export interface RowContext {
  catalog: Catalog
  columns: ReadonlyMap<string, number>
  /** The ids of the `categories` sheet; null when the workbook has no such sheet, so that any id is allowed. */
  categoryIds: ReadonlySet<string> | null
  /** The record ids of the rows above. `checkRow` adds that of its row. */
  seen: Set<string>
}

/** Checks a row of the `records` sheet. Gives its content, and all its faults in `errors`. */
export function checkRow (sheetRow: SheetRow, { catalog, columns, categoryIds, seen }: RowContext): CheckedRow {
  const reader = readRow(columns, sheetRow)
  const recordId = checkRecordId(reader, seen)
  const item = checkItem(reader, catalog)
  return {
    row: reader.row,
    recordId,
    note: reader.text('record_note'),
    item,
    quantity: checkQuantity(reader, item),
    ...checkWindow(reader, catalog),
    asset: checkAsset(reader, catalog),
    categoryId: checkCategory(reader, categoryIds),
    amount: isRated(catalog.schema) ? checkAmount(reader) : null,
    tier: checkTier(reader, catalog.schema),
    params: checkCustomValues(reader, columns, catalog.requiredCustomFields),
    errors: reader.errors
  }
}

function checkRecordId (reader: RowReader, seen: Set<string>): string {
  const recordId = reader.needed('record_id')
  if (recordId === null) return ''
  if (seen.has(recordId)) {
    reader.fail(rowErrorCodes.duplicateRecordId, 'record_id', `Duplicate record_id "${clip(recordId, 60)}"`)
  }
  seen.add(recordId)
  return recordId
}

function checkCategory (reader: RowReader, declared: ReadonlySet<string> | null): string | null {
  const categoryId = reader.text('category_id')
  if (categoryId !== null && declared !== null && !declared.has(categoryId)) {
    reader.fail(
      rowErrorCodes.unknownCategory,
      'category_id',
      `The categories sheet does not declare the category "${clip(categoryId, 60)}"`
    )
  }
  return categoryId
}

function checkCustomValues (
  reader: RowReader,
  columns: ReadonlyMap<string, number>,
  required: readonly string[]
): CheckedRow['params'] {
  for (const column of required.map(customColumnName)) {
    if (reader.text(column) === null) {
      reader.fail(rowErrorCodes.customValueMissing, column, `The product requires ${column} to be filled`)
    }
  }
  const params: CheckedRow['params'] = []
  for (const name of columns.keys()) {
    const value = isCustomColumn(name) ? reader.text(name) : null
    if (value === null) continue
    if (lengthOf(value) > longestCustomValue) {
      reader.fail(
        rowErrorCodes.customValueTooLong,
        name,
        `${name} has ${lengthOf(value)} characters, at most ${longestCustomValue} are allowed`
      )
    }
    params.push({ name, value })
  }
  return params
}
