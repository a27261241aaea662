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
 * Makes the processed workbook for the vendor: the rows of the upload, with a red outline and a comment on each cell
 * with a fault. A fault in a column that the sheet does not have is told at the record id.
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

/** A column that Connect adds or fills in, with its values by row number. The header is row 1. */
export interface AddedColumn { name: string, values: ReadonlyMap<number, CellValue> }

/** Makes the processed workbook for the provider: an upload without faults, with the columns that Connect adds. */
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
