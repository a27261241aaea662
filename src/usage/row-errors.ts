import type { RowError } from '../../schemas/row-error.ts'
import type { Download } from '../connect/api.ts'
import type * as Connect from '../connect/types.ts'
import { AppError } from '../errors/app-error.ts'
import { toUsageRecord } from './mapping/usage-record.ts'
import { openWorkbook } from './workbook.ts'

/** The statuses of a usage file in which Connect has not checked the rows that the file has now. */
const UNCHECKED: readonly unknown[] = ['draft', 'uploading', 'processing']

/**
 * Opens the processed workbook of a usage file, which holds the errors of its rows. Gives null when Connect has checked
 * the rows and has no such workbook. Throws NOT_FOUND while the rows are not checked (then a workbook that is there
 * belongs to an earlier upload), and for a file that is `uploaded` and has no such workbook.
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

/** At least one error: if Connect gives none, one without code and message. A record does not show its row number. */
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
