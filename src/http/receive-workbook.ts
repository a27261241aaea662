import type { Download } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import type { SpooledFile } from '../streaming/spool.ts'

/**
 * Writes a workbook of Connect to `file`. Throws BODY_TOO_LARGE, with `advice` at the end of its text, for more than
 * `maxBytes`, OVERLOADED without room on disk, and the errors of the stream.
 */
export async function receiveWorkbook (
  { stream }: Download, file: SpooledFile, maxBytes: number, advice: string
): Promise<void> {
  let size = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) {
      throw new AppError('BODY_TOO_LARGE', `The workbook of Connect has more than ${maxBytes} bytes. ${advice}`)
    }
    await file.write(chunk)
  }
}

/** Gives UPSTREAM_INVALID for the error of a workbook of Connect that is no table. Every other error stays as it is. */
export function unreadableWorkbook (error: unknown): Error {
  if (!(error instanceof AppError) || !['MALFORMED_BODY', 'NOT_A_WORKBOOK'].includes(error.code)) return error as Error
  return new AppError('UPSTREAM_INVALID', `The file that Connect gave is no table: ${error.message}`, { cause: error })
}
