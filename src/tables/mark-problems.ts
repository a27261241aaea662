import type { Severity, UsageProblem } from '../../schemas/usage-check.ts'
import { linesOf } from '../streaming/lines.ts'
import { withNamedTable, writeTable, type Conversion } from './convert.ts'
import { byColumn, type Remark } from './mark-rows.ts'
import { readFile, withFile, type SharedFile } from './shared-file.ts'
import type { Table } from './table.ts'
import type { Remarks } from './xlsx/write-xlsx.ts'

export interface MarkProblemsTask extends Pick<Conversion, 'input' | 'output' | 'from' | 'reading' | 'maxBytes'> {
  /** A file with the problems of the rows: one UsageProblem a line, as JSON. */
  problems: SharedFile
}

/** At most so many problems of each severity get a comment: the first ones. All of these are in memory at once. */
const COMMENTS_MAX = 25_000
const HEADER = 1

/**
 * Writes the rows as a workbook. Each cell with a problem gets a comment and, below the header, a red border, up to
 * COMMENTS_MAX. A problem without a row counts for the header. A problem whose column the table does not have is in the
 * comment on the first cell of the row. Gives the length in bytes. Makes blocking calls. Throws 400, 413 or 422 for
 * rows that no workbook can hold or that are no table.
 */
export async function markProblems (
  { input, output, problems, maxBytes, ...source }: MarkProblemsTask
): Promise<number> {
  const remarks = await withFile(problems, 'r', readRemarks)
  return await withFile(input, 'r', async from =>
    await withNamedTable(from, source, async ({ columns, rows, categories }) =>
      await withFile(output, 'r+', async to => {
        const table = { columns: columns.filter(name => name !== ''), rows, categories }
        return (await writeTable(table, to, { to: 'xlsx', maxBytes }, toComments(table, remarks))).bytes
      })))
}

type RemarksByRow = ReadonlyMap<number, readonly Remark[]>

async function readRemarks (fd: number): Promise<RemarksByRow> {
  const remarks = new Map<number, Remark[]>()
  const add = (row: number, remark: Remark): void => {
    const ofRow = remarks.get(row)
    if (ofRow === undefined) remarks.set(row, [remark])
    else ofRow.push(remark)
  }
  const counts: Record<Severity, number> = { error: 0, warning: 0 }
  for await (const lines of linesOf(readFile(fd))) {
    for (const line of lines) {
      const { row, column, code, severity, message } = JSON.parse(line) as UsageProblem
      counts[severity] += 1
      if (counts[severity] > COMMENTS_MAX) continue
      add(row ?? HEADER, { column, code: severity === 'error' ? code : `${code} (warning)`, message })
    }
  }
  for (const [severity, count] of Object.entries(counts)) {
    if (count <= COMMENTS_MAX) continue
    const message = `Only the first ${COMMENTS_MAX} of ${count} problems with the severity ${severity} have a comment.`
    add(HEADER, { column: null, code: null, message })
  }
  return remarks
}

function toComments ({ columns }: Table, remarks: RemarksByRow): Remarks | undefined {
  if (remarks.size === 0) return undefined
  const commentsOf = (row: number): Map<string, string> => byColumn(remarks.get(row) ?? [], columns)
  return { ofRow: ({ number }) => commentsOf(number), ofHeader: () => commentsOf(HEADER) }
}
