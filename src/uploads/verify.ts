import { AppError } from '../errors/app-error.ts'
import { ZIP_START } from '../media-types.ts'

/** The first bytes of an old Office document (Compound File Binary): `.xls`, and `.xlsx` with a password. */
const OLD_OFFICE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])

const ZIP_END = Buffer.from('PK\x05\x06', 'latin1')
const ZIP_END_BYTES = 22
/** The offset in the end record of a zip when the real offset needs more than 32 bits. */
const ZIP64 = 0xffffffff
/** The end record of a zip, and the longest comment that may follow it. */
const TAIL_BYTES = ZIP_END_BYTES + 0xffff

/**
 * Checks that a file looks like an XLSX workbook, while its bytes pass: its first four bytes, and the end record of a
 * zip, which a file that was cut off does not have.
 */
export class WorkbookCheck {
  #size = 0
  #start: Buffer = Buffer.alloc(0)
  /** The chunks from `#tailStart` on have at least the last TAIL_BYTES of the file. Older ones are not needed. */
  #tail: Buffer[] = []
  #tailStart = 0
  #tailBytes = 0

  /** Throws UNSUPPORTED_MEDIA_TYPE for an old Office document, NOT_A_WORKBOOK for another file that is no zip. */
  take (chunk: Buffer): void {
    if (this.#start.length < ZIP_START.length) {
      this.#start = Buffer.concat([this.#start, chunk.subarray(0, ZIP_START.length - this.#start.length)])
      if (this.#start.length === ZIP_START.length) checkSignature(this.#start)
    }
    this.#size += chunk.length
    this.#tail.push(chunk)
    this.#tailBytes += chunk.length
    while (this.#tailBytes - this.#tail[this.#tailStart]!.length >= TAIL_BYTES) {
      this.#tailBytes -= this.#tail[this.#tailStart]!.length
      this.#tailStart += 1
    }
    // Old chunks are removed when they are half of the list. A tail of one-byte chunks has 65,557 of them: to remove
    // one at a time would move all others each time.
    if (this.#tailStart < this.#tail.length / 2) return
    this.#tail.splice(0, this.#tailStart)
    this.#tailStart = 0
  }

  /** To be called after the last byte. Throws FILE_EMPTY, and NOT_A_WORKBOOK for a file that is no whole zip. */
  end (): void {
    if (this.#size === 0) throw new AppError('FILE_EMPTY', 'The file is empty.')
    if (this.#size < ZIP_START.length) checkSignature(this.#start)
    checkEnd(Buffer.concat(this.#tail.slice(this.#tailStart)), this.#size)
  }
}

/** Whether a file with these first bytes is a zip or an old Office document. False for fewer than four bytes. */
export function isZipOrOldOffice (start: Buffer): boolean {
  const signature = start.subarray(0, ZIP_START.length)
  return signature.equals(ZIP_START) || signature.equals(OLD_OFFICE)
}

function checkSignature (signature: Buffer): void {
  if (signature.equals(OLD_OFFICE)) {
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The file is an old Office document or has a password. Save it as an Excel workbook (.xlsx) without one.'
    )
  }
  if (!signature.equals(ZIP_START)) throw new AppError('NOT_A_WORKBOOK', 'The file is not an Excel workbook (.xlsx).')
}

/**
 * `tail` is the end of a file of `size` bytes. Throws NOT_A_WORKBOOK unless it holds the end record of a zip, and the
 * zip's directory lies before that record. The place of the directory is not checked when it needs more than 32 bits.
 */
function checkEnd (tail: Buffer, size: number): void {
  for (let at = tail.lastIndexOf(ZIP_END); at !== -1; at = at === 0 ? -1 : tail.lastIndexOf(ZIP_END, at - 1)) {
    const after = tail.length - at - ZIP_END_BYTES
    if (after < 0 || tail.readUInt16LE(at + 20) > after) continue
    const offset = tail.readUInt32LE(at + 16)
    if (offset === ZIP64 || offset + tail.readUInt32LE(at + 12) <= size - (tail.length - at)) return
  }
  throw new AppError('NOT_A_WORKBOOK', 'The file is no whole Excel workbook (.xlsx): its end is missing.')
}
