import { cellRef } from 'hucre/xlsx'
import { cellText } from './cell-text.ts'
import { CellError, type CellValue } from './cell-value.ts'
import { rowErrorCodes } from './error-codes.ts'
import type { SheetRow } from './read-sheets.ts'
import type { RowError } from './types.ts'

export interface RowReader {
  row: number
  errors: RowError[]
  value: (column: string) => CellValue | undefined
  /** Null for a blank cell, and for a formula's error such as `#N/A`, which is reported as a fault. */
  text: (column: string) => string | null
  /** Gives what `text` gives, and also reports a blank cell as a fault: the cell must be filled. */
  needed: (column: string) => string | null
  fail: (code: string, column: string, message: string) => void
}

/** The reader gives cells by the name of the column, and collects the faults in `errors`. */
export function readRow (columns: ReadonlyMap<string, number>, { row, values }: SheetRow): RowReader {
  const errors: RowError[] = []
  const value = (column: string): CellValue | undefined => {
    const index = columns.get(column)
    return index === undefined ? undefined : values[index]
  }
  const fail = (code: string, column: string, message: string): void => {
    const index = columns.get(column)
    errors.push(index === undefined
      ? { code, message, column: null, cell: null }
      : { code, message, column, cell: cellRef(row - 1, index) })
  }
  const refused = new Set<string>()
  const text = (column: string): string | null => {
    const cell = value(column)
    if (!(cell instanceof CellError)) return cellText(cell)
    if (!refused.has(column)) fail(rowErrorCodes.errorCell, column, `${column} holds the error ${cell.text}`)
    refused.add(column)
    return null
  }
  const needed = (column: string): string | null => {
    const found = text(column)
    if (found === null && !refused.has(column)) {
      fail(rowErrorCodes.missingValue, column, `${column} is required but the cell is empty`)
    }
    return found
  }
  return { row, errors, value, text, needed, fail }
}
