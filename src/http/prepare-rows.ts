import type { FastifyRequest } from 'fastify'
import type { PreparedRowsQuery } from '../../schemas/rows-input.ts'
import type { UsageCheck } from '../../schemas/usage-check.ts'
import { AppError } from '../errors/app-error.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import type { Prepared, PrepareTask } from '../tables/check-file.ts'
import type { Reading } from '../tables/convert.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { LookUps } from '../usage/look-ups.ts'
import type { MadeWorkbook } from './forward-upload.ts'
import { callerOf } from './plugins/auth.ts'
import { readingOf, type SpooledTable } from './receive-table.ts'
import { withLookUps } from './with-look-ups.ts'

/** With null for `lookUps` Connect is not asked for the items and subscriptions of the rows. */
export interface PrepareOptions extends Pick<PrepareTask, 'schema' | 'period' | 'writing' | 'isDigested'> {
  lookUps: LookUps | null
}

/**
 * Checks rows and writes them as `options.writing` says. The calling function must close the file of the result. Throws
 * ROWS_INVALID with the check for rows with errors. With `?check=report` rows with errors are written, too, and
 * ROWS_INVALID is thrown only for a text that the form cannot hold, such as one with a control character in XLSX.
 */
export async function prepareRows (
  request: FastifyRequest, rows: Pick<SpooledTable, 'form' | 'file'>, options: PrepareOptions, signal: AbortSignal
): Promise<MadeWorkbook> {
  const query = request.query as PreparedRowsQuery
  const reading = readingOf(query, rows.form)
  const file = await request.server.tables.files.open()
  try {
    const isReport = query.check === 'report'
    const { bytes, check } = await checkAndWrite(request, { ...rows, reading, isReport, output: file }, options, signal)
    if (bytes === null || !(check.valid || isReport)) throw rowsInvalid(check)
    return { file, bytes }
  } catch (error) {
    await file.close()
    throw error
  }
}

export interface RowsToWrite extends Pick<SpooledTable, 'form' | 'file'> {
  reading: Reading
  /**
   * False: an error that is found without Connect makes `bytes` of the result null. True: only a text that the form
   * cannot hold does that.
   */
  isReport: boolean
  output: SpooledFile
}

/**
 * Checks rows and, unless `writing` is null, writes them to `output`. Then asks Connect for the items and subscriptions
 * that the rows name, unless `lookUps` is null, or `isReport` is set and the rows were written. What Connect answers
 * may add errors to the check of rows that were written.
 */
export async function checkAndWrite (
  request: FastifyRequest,
  { form: from, file, reading, isReport, output }: RowsToWrite,
  { lookUps, writing, isDigested = false, ...rules }: PrepareOptions,
  signal: AbortSignal
): Promise<Prepared> {
  const { tables: { pool } } = request.server
  const task = { ...rules, from, reading, input: shareFile(file.fd) }
  const owner = { callerId: callerOf(request).id, signal }
  const prepared = await pool.run(
    'prepare', { ...task, writing, isReport, isDigested, output: shareFile(output.fd) }, owner
  )
  const { bytes, check: { rows, totals } } = prepared
  request.journal.add({ kind: 'rows', total: rows.total, amount: totals.amount })
  if (bytes !== null && isReport) return prepared
  const check = await withLookUps(prepared, lookUps, async lookedUp =>
    await pool.run('check', { ...task, lookedUp, problems: null }, owner), signal)
  return { ...prepared, check }
}

export function rowsInvalid (check: UsageCheck): AppError {
  const { invalid, total } = check.rows
  return new AppError(
    'ROWS_INVALID', `The rows have errors: ${invalid} of ${total}. No row was sent to Connect.`, { extra: { check } }
  )
}
