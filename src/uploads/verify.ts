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
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The file is an old Office document or has a password. Save it as an Excel workbook (.xlsx) without one.'
    )
  }
  if (!signature.equals(ZIP_ENTRY)) throw new AppError('NOT_A_WORKBOOK', 'The file is not an Excel workbook (.xlsx).')
}

const ZIP_END = Buffer.from('PK\x05\x06', 'latin1')
const ZIP_END_BYTES = 22
/** In zips too large for its field, the real offset is elsewhere. */
const ZIP64 = 0xffffffff

/** So many of a file's last bytes hold the record that ends a zip, with the longest comment that may follow it. */
export const TAIL_BYTES = ZIP_END_BYTES + 0xffff

/**
 * Refuses a workbook without the record that ends every zip: it was cut off, wherever it was made. Takes the file's
 * last TAIL_BYTES, or all of it, and its size.
 */
export function checkEnd (tail: Buffer, size: number): void {
  for (let at = tail.lastIndexOf(ZIP_END); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf(ZIP_END, at - 1)) {
    const after = tail.length - at - ZIP_END_BYTES
    if (after < 0 || tail.readUInt16LE(at + 20) > after) continue
    const offset = tail.readUInt32LE(at + 16)
    if (offset === ZIP64 || offset + tail.readUInt32LE(at + 12) <= size - (tail.length - at)) return
  }
  throw new AppError('NOT_A_WORKBOOK', 'The file is no whole Excel workbook (.xlsx): its end is missing.')
}
