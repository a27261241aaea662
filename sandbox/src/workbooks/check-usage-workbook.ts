import { readCategories } from './categories-sheet.ts'
import { checkRow, type RowContext } from './check-row.ts'
import { requiredColumns } from './columns.ts'
import { readSheets } from './read-sheets.ts'
import { findRecords, readHeader, recordsSheetNames } from './records-header.ts'
import type { Catalog, CheckedWorkbook } from './types.ts'

/**
 * Gives every row with its faults, or the fault of the file as a whole and no rows. Only the sheets of records and of
 * categories are read, as in Connect. HTML tags and signs such as ® are allowed: the rule against them is of 2019, and
 * current vendor files break it.
 */
export async function checkUsageWorkbook (bytes: Uint8Array, catalog: Catalog): Promise<CheckedWorkbook> {
  const { sheets, fault } = await readSheets(bytes, [...recordsSheetNames, 'categories'])
  if (fault !== null) return faulty(fault)
  const records = findRecords(sheets)
  if (records === undefined) return faulty('The workbook has no sheet named records.')
  const header = readHeader(records, requiredColumns(catalog.schema, catalog.requiredCustomFields), true)
  if (header.fault !== null) return faulty(header.fault)
  if (header.rows.length === 0) return faulty('The records sheet has no rows below its header.')
  const declared = sheets.get('categories')
  const { categories, fault: categoriesFault } = readCategories(declared ?? [])
  if (categoriesFault !== null) return faulty(categoriesFault)
  const context: RowContext = {
    catalog,
    columns: header.columns,
    categoryIds: declared === undefined ? null : new Set(categories.map(({ id }) => id)),
    seen: new Set()
  }
  return { rows: header.rows.map(row => checkRow(row, context)), categories, fileError: null }
}

function faulty (fileError: string): CheckedWorkbook {
  return { rows: [], categories: [], fileError }
}
