import type { RowError } from '../../schemas/row-error.ts'
import type { Download } from '../connect/api.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { toUsageRecord } from './mapping/usage-record.ts'
import { openWorkbook } from './workbook.ts'

/** In these statuses of a usage file, Connect has certainly not checked the rows that the file has now. */
const UNCHECKED: readonly unknown[] = ['draft', 'uploading', 'processing']

/**
 * Opens the processed workbook of a usage file, which holds the errors of its rows. Throws NOT_FOUND in a status of
 * UNCHECKED: a workbook that is there belongs to an earlier upload. When there is no processed workbook, throws
 * NOT_FOUND for the status `uploaded`, and gives null in all other statuses.
 */
export async function openProcessed (
  read: () => Promise<Connect.UsageFile>, follow: (link: string) => Promise<Download>
): Promise<Download | null> {
  let status: unknown
  const readChecked = async (): Promise<Connect.UsageFile> => {
    const file = await read()
    status = file.status
    if (UNCHECKED.includes(status)) {
      throw new AppError('NOT_FOUND', `Connect has not checked the rows of the usage file: it is ${String(status)}.`)
    }
    return file
  }
  try {
    return await openWorkbook('processed', readChecked, follow)
  } catch (error) {
    const isMissing = error instanceof AppError && error.code === 'NOT_FOUND'
    if (!isMissing || UNCHECKED.includes(status) || status === 'uploaded') throw error
    return null
  }
}

/** Gives at least one error: if Connect has none, one without code and message. A record does not show its row. */
export function errorsOfRecord (record: Connect.UsageRecord): { id: string, errors: RowError[] } {
  const { id, errors } = toUsageRecord(record)
  const told = errors.length > 0 ? errors : [{ code: null, message: null }]
  return {
    id,
    errors: told.map(({ code, message }) => ({
      row: null,
      recordId: null,
      usageRecordId: id,
      column: null,
      cell: null,
      code,
      message,
      value: null,
      source: 'records'
    }))
  }
}
