import type { FastifyRequest } from 'fastify'
import type { RowsQuery } from '../../schemas/rows-input.ts'
import type { Download } from '../connect/api.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import { shareFile } from '../tables/shared-file.ts'
import type { MadeWorkbook } from './forward-upload.ts'
import { callerOf } from './plugins/auth.ts'
import { rowsInvalid } from './prepare-rows.ts'
import { readingOf, type SpooledTable } from './receive-table.ts'
import { receiveWorkbook } from './receive-workbook.ts'

/**
 * Fills the billing ids of rows into the workbook that `open` gets from Connect. The calling function must close the
 * file of the result. Throws ROWS_INVALID for rows with errors, such as a row that the workbook does not have.
 */
export async function fillRows (
  request: FastifyRequest,
  { form: from, file: input }: Pick<SpooledTable, 'form' | 'file'>,
  open: () => Promise<Download>,
  signal: AbortSignal
): Promise<MadeWorkbook> {
  const { tables: { files, limits, pool } } = request.server
  const reading = readingOf(request.query as RowsQuery, from)
  const helpers: SpooledFile[] = []
  const helper = async (): Promise<SpooledFile> => {
    const file = await files.open()
    helpers.push(file)
    return file
  }
  const output = await files.open()
  try {
    const workbook = await helper()
    await receiveWorkbook(await open(), workbook, limits.connectWorkbookBytes, 'It cannot be filled with rows.')
    const { check, bytes } = await pool.run('fill', {
      from,
      reading,
      input: shareFile(input.fd),
      workbook: shareFile(workbook.fd),
      scratch: shareFile((await helper()).fd),
      output: shareFile(output.fd),
      maxBytes: limits.workbook.maxBytes
    }, { callerId: callerOf(request).id, signal })
    request.journal.add({ kind: 'rows', total: check.rows.total, amount: null })
    if (bytes === null) throw rowsInvalid(check)
    return { file: output, bytes }
  } catch (error) {
    await output.close()
    throw error
  } finally {
    for (const file of helpers) await file.close()
  }
}
