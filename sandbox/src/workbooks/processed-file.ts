import { parseCellRef } from 'hucre/xlsx'
import type { CellValue } from './cell-value.ts'
import { categoriesSheet } from './categories-sheet.ts'
import { generalSheet, instructionsSheet } from './general-sheet.ts'
import { inPlace, readSheets } from './read-sheets.ts'
import { findRecords, readHeader, recordsSheetNames } from './records-header.ts'
import type { Category, CheckedWorkbook, General } from './types.ts'
import { writeSheets, type CellRemark } from './write-sheets.ts'

const instructions = [
  'This workbook is what Connect made of the uploaded usage file.',
  'Cells outlined in red could not be accepted; the comment on each says why.',
  'Correct those cells, or the file they came from, and upload the workbook again.'
]

const providerInstructions = [
  'This workbook holds the usage that the vendor has submitted, with what Connect knows of each record.'
]

/**
 * Takes an upload, the result of its check and the attributes of its usage file; gives the workbook
 * that Connect gives the vendor: the uploaded columns, failing cells outlined red and commented. An upload
 * that cannot be read gives an empty `records` sheet.
 */
export async function writeProcessedFile (
  upload: Uint8Array,
  checked: CheckedWorkbook,
  general: General
): Promise<Uint8Array> {
  const { sheets } = await readSheets(upload, recordsSheetNames)
  const records = findRecords(sheets) ?? []
  const recordIdColumn = readHeader(records, [], false).columns.get('record_id') ?? 0
  const remarks = checked.rows.flatMap(({ row, errors }) =>
    errors.map((error): CellRemark => ({
      row,
      column: error.cell === null ? recordIdColumn : parseCellRef(error.cell).col,
      text: `${error.code}: ${error.message}`
    }))
  )
  return await writeSheets([
    instructionsSheet(instructions),
    generalSheet(general),
    categoriesSheet(checked.categories),
    { name: 'records', rows: inPlace(records), remarks }
  ])
}

/** A column that Connect adds, or fills where the upload has it; values by row number. */
export interface AddedColumn { name: string, values: ReadonlyMap<number, CellValue> }

/**
 * Takes an upload without faults, the attributes and categories of its usage file and the columns that Connect adds;
 * gives the workbook for the provider.
 */
export async function writeProviderFile (
  upload: Uint8Array, general: General, categories: readonly Category[], added: readonly AddedColumn[]
): Promise<Uint8Array> {
  const { sheets } = await readSheets(upload, recordsSheetNames)
  const records = findRecords(sheets) ?? []
  const { columns } = readHeader(records, [], false)
  const rows = inPlace(records).map(values => [...values])
  let width = Math.max(0, ...rows.map(values => values.length))
  for (const { name, values } of added) {
    const column = columns.get(name) ?? width++
    rows.forEach((row, index) => {
      const value = index === 0 ? name : values.get(index + 1)
      if (value === undefined) return
      while (row.length < column) row.push(null)
      row[column] = value
    })
  }
  return await writeSheets([
    instructionsSheet(providerInstructions),
    generalSheet(general),
    categoriesSheet(categories),
    { name: 'records', rows }
  ])
}
