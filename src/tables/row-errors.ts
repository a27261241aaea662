import type { RowError } from '../../schemas/row-error.ts'
import { ScratchFile } from './scratch-file.ts'
import { withFile, type SharedFile } from './shared-file.ts'
import { noCells, toLines, type Cells, type TableRow } from './table.ts'
import { readComments, type Comment } from './xlsx/read-comments.ts'
import { readXlsx } from './xlsx/read-xlsx.ts'

/** A code of Connect, such as `USG_011: `, at the beginning of a line of a comment. */
const CODE = /^([A-Z][A-Z0-9]{1,15}_[A-Z0-9]{1,15}):\s+/
/** The two forms of the id of a usage record. A `record_id` of another form is taken for an id of the vendor's. */
const USAGE_RECORD_ID = /^UR(?:-\d{4}){6}$|^UR-\d{4}-\d{2}(?:-\d{4}){4}$/

/**
 * Writes the errors that Connect tells in comments on the cells of a processed workbook: one RowError a line, as JSON,
 * in the order of the rows. Errors on rows without any value come last. Gives the number of errors. Makes blocking
 * calls. Throws 400, 413 or 422 for a file that cannot be read, and 413 when the errors take more than 1 GiB.
 */
export async function writeRowErrors (task: { input: SharedFile, output: SharedFile }): Promise<number> {
  return await withFile(task.input, 'r', async input =>
    await withFile(task.output, 'r+', async output => {
      const comments = await readComments(input)
      const lines = new ScratchFile(output)
      let count = 0
      for await (const errors of comments.length === 0 ? [] : rowErrors(input, comments)) {
        count += errors.length
        lines.append(toLines(errors))
      }
      return count
    }))
}

async function * rowErrors (fd: number, comments: readonly Comment[]): AsyncGenerator<RowError[], void, void> {
  const table = await readXlsx(fd)
  const byRow = new Map<number, Comment[]>()
  for (const comment of comments) {
    const sameRow = byRow.get(comment.row)
    if (sameRow === undefined) byRow.set(comment.row, [comment])
    else sameRow.push(comment)
  }
  const take = ({ number, cells }: TableRow): RowError[] => {
    const found = byRow.get(number) ?? []
    byRow.delete(number)
    return found.flatMap(comment => errorsOf(comment, table.columns[comment.column] ?? '', cells))
  }
  try {
    const header: Cells = Object.fromEntries(table.columns.map(name => [name, name]))
    yield take({ number: 1, cells: header }).map(error => ({ ...error, recordId: null, usageRecordId: null }))
    for await (const batch of table.rows) yield batch.flatMap(take)
    yield [...byRow.keys()].flatMap(number => take({ number, cells: noCells() }))
  } finally {
    table.close()
  }
}

function errorsOf ({ row, cell, text }: Comment, column: string, cells: Cells): RowError[] {
  const recordId = cells['record_id'] ?? cells['usage_record_id'] ?? null
  const usageRecordId = recordId !== null && USAGE_RECORD_ID.test(recordId) ? recordId : null
  const value = cells[column] ?? null
  return messagesOf(text).map(({ code, message }) => ({
    row, recordId, usageRecordId, column: column === '' ? null : column, cell, code, message, value, source: 'workbook'
  }))
}

/** The first line and each line with a code at its start begin a message. Other lines continue the last message. */
function messagesOf (text: string): Pick<RowError, 'code' | 'message'>[] {
  const messages: Array<{ code: string | null, message: string }> = []
  for (const line of text.split(/\r?\n/)) {
    const code = CODE.exec(line)
    const last = messages.at(-1)
    if (code !== null) messages.push({ code: code[1]!, message: line.slice(code[0].length) })
    else if (last === undefined) messages.push({ code: null, message: line })
    else last.message += `\n${line}`
  }
  return messages
}
