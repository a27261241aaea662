import type { RowError } from '../../schemas/row-error.ts'
import { typeOfColumn } from './columns.ts'
import { readFile, withFile, writeFile, type SharedFile } from './shared-file.ts'
import { overLimit, type Cells, type TableRow } from './table.ts'
import { linesOf } from '../streaming/lines.ts'
import { readXlsx, type XlsxTable } from './xlsx/read-xlsx.ts'
import { writeXlsx, type Remarks } from './xlsx/write-xlsx.ts'

export interface MarkTask {
  /** The workbook that was uploaded. */
  input: SharedFile
  /** One RowError in each line, as JSON, in the order of the rows. */
  errors: SharedFile
  output: SharedFile
  /** The most bytes that the result may have. */
  maxBytes: number
}

/** A comment has no more characters than a cell. */
const COMMENT_CHARS_MAX = 32_767

/**
 * Writes the rows of a workbook as a new workbook, with a red border and a comment on each cell that has an error. An
 * error that names no row of this workbook is in a comment on the cell A1. Gives the length in bytes. Makes blocking
 * calls. Throws what the reader and the writer of workbooks throw, and 413 for a result over `maxBytes`.
 */
export async function markRows ({ input, errors, output, maxBytes }: MarkTask): Promise<number> {
  return await withFile(input, 'r', async from =>
    await withFile(errors, 'r', async lines =>
      await withFile(output, 'r+', async to => {
        const groups = await readGroups(lines)
        const isAligned = await rowsAreTheSame(from, groups)
        const table = await readXlsx(from)
        try {
          return await writeFile(to, writeXlsx(table, typeOfColumn, remarksOf(table, groups, isAligned)), {
            before: size => {
              if (size > maxBytes) throw overLimit(`The workbook with its comments has more than ${maxBytes} bytes.`)
            },
            after: () => {}
          })
        } finally {
          table.close()
        }
      })))
}

/** The errors of one row. */
interface Group { row: number, recordId: string | null, errors: RowError[] }

interface Groups { byRow: Map<number, Group>, withoutRow: RowError[] }

async function readGroups (fd: number): Promise<Groups> {
  const groups: Groups = { byRow: new Map(), withoutRow: [] }
  for await (const lines of linesOf(readFile(fd))) {
    for (const line of lines) {
      const error = JSON.parse(line) as RowError
      const { row, recordId } = error
      if (row === null) {
        groups.withoutRow.push(error)
        continue
      }
      const group = groups.byRow.get(row)
      if (group === undefined) groups.byRow.set(row, { row, recordId, errors: [error] })
      else group.errors.push(error)
    }
  }
  return groups
}

/** Whether the rows with errors have the same numbers and ids in the uploaded workbook as in the processed one. */
async function rowsAreTheSame (fd: number, { byRow }: Groups): Promise<boolean> {
  const table = await readXlsx(fd)
  try {
    for await (const batch of table.rows) {
      for (const { number, cells } of batch) {
        const group = byRow.get(number)
        if (group !== undefined && group.recordId !== idOf(cells)) return false
      }
    }
    return true
  } finally {
    table.close()
  }
}

/** Gives the remarks of each row. A row is found by its number if `isAligned`, else by its record id. */
function remarksOf (table: XlsxTable, { byRow, withoutRow }: Groups, isAligned: boolean): Remarks {
  const left = new Map<string | number | null, Group>(
    [...byRow.values()].map(group => [isAligned ? group.row : group.recordId, group])
  )
  const take = (key: string | number | null): RowError[] => {
    const errors = left.get(key)?.errors ?? []
    left.delete(key)
    return errors
  }
  return {
    ofRow: ({ number, cells }: TableRow) => byColumn(take(isAligned ? number : idOf(cells)), table.columns),
    ofHeader: () => {
      const others = [...take(1), ...[...left.values()].flatMap(({ errors }) => errors), ...withoutRow]
      return others.length === 0 ? new Map() : new Map([[table.columns[0] ?? '', listed(others)]])
    }
  }
}

/** One thing that a comment tells. */
export type Remark = Pick<RowError, 'column' | 'code' | 'message'>

/** Gives the comments of one row, by column name. Errors without a column of the table are in the first column. */
export function byColumn (errors: readonly Remark[], columns: readonly string[]): Map<string, string> {
  const remarks = new Map<string, string>()
  for (const { column, code, message } of errors) {
    const name = column !== null && columns.includes(column) ? column : columns[0] ?? ''
    const before = remarks.get(name)
    const text = textOf(code, message)
    remarks.set(name, clip(before === undefined ? text : `${before}\n${text}`))
  }
  return remarks
}

function listed (errors: readonly RowError[]): string {
  const lines = errors.map(({ recordId, usageRecordId, code, message }) => {
    const name = recordId ?? usageRecordId
    return `${name === null ? '' : `${name}: `}${textOf(code, message)}`
  })
  return clip(lines.join('\n'))
}

function textOf (code: string | null, message: string | null): string {
  return [code, message].filter(part => part !== null).join(': ')
}

function clip (text: string): string {
  return text.length > COMMENT_CHARS_MAX ? `${text.slice(0, COMMENT_CHARS_MAX - 1)}…` : text
}

function idOf (cells: Cells): string | null {
  return cells['record_id'] ?? cells['usage_record_id'] ?? null
}
