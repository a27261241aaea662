import type { FastifyRequest } from 'fastify'
import type { PreparedRowsQuery } from '../../schemas/rows-input.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import type { PrepareTask } from '../tables/check-file.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { MadeWorkbook } from './forward-upload.ts'
import { readingOf, type SpooledTable } from './receive-table.ts'

/**
 * Checks rows and writes them in another form, in a worker thread. Gives the file with the result, which the caller of
 * this function closes. `signal` ends the work. Throws ROWS_INVALID with the check for rows with errors, unless the
 * request has `?check=report`; other AppErrors for what is no table.
 */
export async function prepareRows (
  request: FastifyRequest,
  { form: from, file: input }: Pick<SpooledTable, 'form' | 'file'>,
  options: Pick<PrepareTask, 'schema' | 'period' | 'writing'>,
  signal: AbortSignal
): Promise<MadeWorkbook> {
  const { tables: { files, pool } } = request.server
  const query = request.query as PreparedRowsQuery
  const reading = readingOf(query, from)
  const file = await files.open()
  try {
    const task = { ...options, from, reading, input: shareFile(input.fd), output: shareFile(file.fd) }
    const { check, bytes } = await pool.run('prepare', { ...task, isReport: query.check === 'report' }, signal)
    request.journal.add({ kind: 'rows', total: check.rows.total, amount: check.totals.amount })
    if (bytes === null) throw rowsInvalid(check)
    return { file, bytes }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Gives the error for rows with errors. */
export function rowsInvalid (check: UsageCheck): AppError {
  const { invalid, total } = check.rows
  return new AppError(
    'ROWS_INVALID', `The rows have errors: ${invalid} of ${total}. Nothing was sent to Connect.`, { extra: { check } }
  )
}
