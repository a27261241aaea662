import { AppError } from '../errors/app-error.ts'

export const XLSX_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const ZIP_ENTRY = Buffer.from('PK\x03\x04', 'latin1')
/** Compound File Binary: `.xls`, and `.xlsx` behind a password. */
const OLD_OFFICE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

export const SIGNATURE_BYTES = 4

/** Refuses what cannot be an XLSX workbook by its first bytes. Takes at least 4 of them, or the whole file. */
export function checkSignature (start: Buffer): void {
  if (start.length === 0) throw new AppError('FILE_EMPTY', 'The file is empty.')
  const signature = start.subarray(0, SIGNATURE_BYTES)
  if (signature.equals(OLD_OFFICE)) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'The file is an old Office document or has a password. Save it as an Excel workbook (.xlsx) without one.')
  }
  if (!signature.equals(ZIP_ENTRY)) throw new AppError('NOT_A_WORKBOOK', 'The file is not an Excel workbook (.xlsx).')
}
