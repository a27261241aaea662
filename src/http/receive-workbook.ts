import type { Download } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import type { SpooledFile } from '../streaming/spool.ts'

/** The most bytes of a workbook of Connect that is read. */
export const WORKBOOK_MAX_BYTES = 1024 ** 3

/** Writes a workbook of Connect into a temporary file, to be read there. Throws 413, and the errors of the download. */
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

/** Gives the error for a workbook of Connect that cannot be read: it is a fault of Connect. */
export function unreadableWorkbook (error: unknown): Error {
  if (!(error instanceof AppError) || !['MALFORMED_BODY', 'NOT_A_WORKBOOK'].includes(error.code)) return error as Error
  return new AppError('UPSTREAM_INVALID', `The file that Connect gave is no table: ${error.message}`, { cause: error })
}
