import { cellText } from './cell-text.ts'
import { CellError, type CellValue } from './cell-value.ts'
import { readGeneral } from './general-sheet.ts'
import { inPlace, readSheets } from './read-sheets.ts'
import { findRecords, readHeader } from './records-header.ts'
import type { ReconciliationWorkbook } from './types.ts'
import { writeSheets } from './write-sheets.ts'

/** The columns that a reconciliation workbook must have. A chunk's workbook that is sent back has many more. */
const neededColumns = ['record_id', 'external_billing_id', 'external_billing_note']

/** The sheets of a chunk's workbook, in their order. */
const chunkSheets = ['instructions', 'general', 'categories', 'records', 'summary']

/** Gives the rows with their billing columns, or the fault of the file as a whole and no rows. */
export async function readReconciliationWorkbook (bytes: Uint8Array): Promise<ReconciliationWorkbook> {
  const { sheets, fault } = await readSheets(bytes, ['records', 'general'])
  if (fault !== null) return faulty(fault)
  const records = findRecords(sheets)
  if (records === undefined) return faulty('The workbook has no sheet named records.')
  const header = readHeader(records, neededColumns, false)
  if (header.fault !== null) return faulty(header.fault)
  if (header.rows.length === 0) return faulty('The records sheet has no rows below its header.')
  const general = readGeneral(sheets.get('general') ?? [])
  return {
    reportId: general.get('report_id') ?? null,
    hubId: general.get('hub_id') ?? null,
    rows: header.rows.map(({ row, values }) => {
      const cell = (column: string): CellValue | undefined => values[header.columns.get(column) ?? -1]
      const text = (column: string): string | null => cellText(cell(column))
      const error = neededColumns.find(column => cell(column) instanceof CellError)
      return {
        row,
        recordId: text('record_id') ?? '',
        externalBillingId: text('external_billing_id'),
        externalBillingNote: text('external_billing_note'),
        fault: error === undefined ? null : `${error} holds the error ${text(error)}.`
      }
    }),
    fileError: null
  }
}

/** Marks the record_id cell of each row with an error. Connect's own form of this workbook is not known. */
export async function writeReconciliationResult (
  bytes: Uint8Array,
  results: readonly { row: number; error: string | null }[]
): Promise<Uint8Array> {
  const { sheets } = await readSheets(bytes, chunkSheets)
  const column = readHeader(sheets.get('records') ?? [], [], false).columns.get('record_id') ?? 0
  const remarks = results.flatMap(({ row, error }) => (error === null ? [] : [{ row, column, text: error }]))
  return await writeSheets(
    chunkSheets
      .filter(name => name === 'records' || sheets.has(name))
      .map(name => ({ name, rows: inPlace(sheets.get(name) ?? []), ...(name === 'records' ? { remarks } : {}) }))
  )
}

function faulty (fileError: string): ReconciliationWorkbook {
  return { reportId: null, hubId: null, rows: [], fileError }
}
