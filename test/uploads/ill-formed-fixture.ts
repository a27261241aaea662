import { MIB, ZIP_END } from './forms.ts'

export const MAX = 2 * MIB
export const TYPE = 'multipart/form-data; boundary=b0undary'

/** The record that ends a zip, with a directory of so many bytes at an offset, and a comment of so many. */
export function endOfZip (offset: number, bytes: number, comment: number): Buffer {
  const end = Buffer.from(ZIP_END)
  end.writeUInt32LE(bytes, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment, 20)
  return end
}
