import type { Download } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import type { SpooledFile } from '../streaming/spool.ts'

/** The most bytes of a workbook of Connect that is read. */
export const WORKBOOK_MAX_BYTES = 1024 ** 3

/** Writes a workbook of Connect to a temporary file. Throws BODY_TOO_LARGE, OVERLOADED, and the download's errors. */
export async function receiveWorkbook ({ stream }: Download, file: SpooledFile): Promise<void> {
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > WORKBOOK_MAX_BYTES) {
      throw new AppError('BODY_TOO_LARGE', `The workbook has more than ${WORKBOOK_MAX_BYTES} bytes. Ask for XLSX.`)
    }
    await file.write(chunk)
  }
}

/** Gives UPSTREAM_INVALID for the error of a workbook of Connect that is no table. Other errors stay as they are. */
export function unreadableWorkbook (error: unknown): Error {
  if (!(error instanceof AppError) || !['MALFORMED_BODY', 'NOT_A_WORKBOOK'].includes(error.code)) return error as Error
  return new AppError('UPSTREAM_INVALID', `The file that Connect gave is no table: ${error.message}`, { cause: error })
}
