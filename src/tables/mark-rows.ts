import type { RowError } from '../../schemas/row-error.ts'
import { typeOfColumn } from './columns.ts'
import { readFile, withFile, writeFile, type SharedFile } from './shared-file.ts'
import { overLimit, type Cells, type TableRow } from './table.ts'
import { linesOf } from '../streaming/lines.ts'
import { readXlsx, type XlsxTable } from './xlsx/read-xlsx.ts'
import { writeXlsx, type Remarks } from './xlsx/write-xlsx.ts'

export interface MarkTask {
  /** The workbook that was uploaded to the usage file, as Connect gives it. */
  input: SharedFile
  /** A file with the errors of the workbook: one RowError a line, as JSON. */
  errors: SharedFile
  output: SharedFile
  maxBytes: number
}

/** The most characters of a comment on a cell: as many as the cell itself can hold. A longer comment is cut. */
const COMMENT_CHARS_MAX = 32_767

/**
 * Writes the rows of a workbook as a new workbook, in which each cell with an error has a comment and a red border. The
 * comment on the cell A1 has the errors of the header, and those that belong to no row of the workbook. Gives the
 * length in bytes. Makes blocking calls. Throws 400, 413 or 422 for a file that is no workbook or has a text that none
 * can hold, and 413 for a result over `maxBytes`.
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

/** The errors of one row, with the row's number and record id in the processed workbook of Connect. */
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

/** False when a row with errors has another record id in the uploaded workbook than in the processed one. */
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

/**
 * Finds the errors of a row by the row's number when `isAligned`, else by its record id. The comment on the header,
 * which must be asked for last, has all errors that no row got.
 */
function remarksOf (table: XlsxTable, { byRow, withoutRow }: Groups, isAligned: boolean): Remarks {
  const left = new Map<string | number, RowError[]>()
  const others: RowError[] = []
  for (const { row, recordId, errors } of byRow.values()) {
    const key = isAligned ? row : recordId
    if (row === 1 || key === null || left.has(key)) others.push(...errors)
    else left.set(key, errors)
  }
  const take = (key: string | number | null): RowError[] => {
    const errors = key === null ? undefined : left.get(key)
    if (errors === undefined) return []
    left.delete(key!)
    return errors
  }
  return {
    ofRow: ({ number, cells }: TableRow) => byColumn(take(isAligned ? number : idOf(cells)), table.columns),
    ofHeader: () => {
      const listedErrors = [...others, ...[...left.values()].flat(), ...withoutRow]
      return listedErrors.length === 0 ? new Map() : new Map([[table.columns[0] ?? '', listed(listedErrors)]])
    }
  }
}

export type Remark = Pick<RowError, 'column' | 'code' | 'message'>

/** Gives the comments of one row by column. Errors without one of `columns` are in the comment on the first column. */
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
