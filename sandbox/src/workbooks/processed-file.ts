import { parseCellRef } from 'hucre/xlsx'
import { categoriesSheet } from './categories-sheet.ts'
import { generalSheet, instructionsSheet } from './general-sheet.ts'
import { inPlace, readSheets } from './read-sheets.ts'
import { findRecords, readHeader, recordsSheetNames } from './records-header.ts'
import type { CheckedWorkbook, General } from './types.ts'
import { writeSheets, type CellRemark } from './write-sheets.ts'

const instructions = [
  'This workbook is what Connect made of the uploaded usage file.',
  'Cells outlined in red could not be accepted; the comment on each says why.',
  'Correct those cells, or the file they came from, and upload the workbook again.'
]

/**
 * Takes an upload, the result of its check and the attributes of its usage file; gives the workbook
 * that Connect hands back: the uploaded columns, failing cells outlined red and commented. An upload
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
