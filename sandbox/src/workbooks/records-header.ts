import { cellText, clip } from './cell-text.ts'
import { isKnownColumn } from './columns.ts'
import type { SheetRow } from './read-sheets.ts'

export interface RecordsSheet {
  /** The place of each column in the sheet by its name; the first place is 0. */
  columns: ReadonlyMap<string, number>
  /** The rows below the header. */
  rows: readonly SheetRow[]
  fault: string | null
}

/** The name of the `records` sheet in the product template of 2019. */
const formerSheetName = 'usage_records'
const formerNames: ReadonlyMap<string, string> = new Map([['usage_record_id', 'record_id']])

/** The names that the sheet of records can have; the present name comes first. */
export const recordsSheetNames: readonly string[] = ['records', formerSheetName]

export function findRecords (sheets: ReadonlyMap<string, readonly SheetRow[]>): readonly SheetRow[] | undefined {
  return recordsSheetNames.map(name => sheets.get(name)).find(rows => rows !== undefined)
}

/** The header must be row 1. A missing or repeated column is a fault; with `onlyKnown`, an unknown column is, too. */
export function readHeader (rows: readonly SheetRow[], required: readonly string[], onlyKnown: boolean): RecordsSheet {
  const columns = new Map<string, number>()
  const repeated = new Set<string>()
  const header = rows[0]?.row === 1 ? rows[0].values : []
  header.forEach((value, index) => {
    const text = cellText(value)?.trim()
    if (text === undefined) return
    const name = formerNames.get(text) ?? text
    if (columns.has(name)) repeated.add(name)
    columns.set(name, index)
  })
  const faults = [
    complaint('Missing required column', required.filter(name => !columns.has(name))),
    complaint('Unknown column', onlyKnown ? [...columns.keys()].filter(name => !isKnownColumn(name)) : []),
    complaint('Repeated column', [...repeated])
  ].filter(text => text !== '')
  const fault = faults.length === 0 ? null : clip(faults.join(' '), 200)
  return { columns, rows: rows.filter(row => row.row > 1), fault }
}

function complaint (what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what}${names.length === 1 ? '' : 's'}: ${names.join(', ')}.`
}
