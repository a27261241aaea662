import t from 'tap'
import { WorkbookCheck } from '../../src/uploads/verify.ts'
import { KIB, workbookOf, ZIP_END } from './forms.ts'
import { pieces } from './wire.ts'

/** The error code of a file that comes in pieces of so many bytes at most; null for a workbook. */
function codeOf (file: Buffer, maxBytes: number): string | null {
  const check = new WorkbookCheck()
  try {
    for (const piece of pieces(file, maxBytes === 1 ? 'bytes' : { seed: 7, maxBytes })) check.take(piece)
    check.end()
  } catch (error) {
    return (error as { code: string }).code
  }
  return null
}

t.test('a workbook is distinguished from other files, in any chunks', async (t) => {
  const commented = Buffer.concat([workbookOf(100 * KIB).subarray(0, -ZIP_END.length), ZIP_END, Buffer.alloc(0xffff)])
  commented.writeUInt16LE(0xffff, 100 * KIB - 2)
  for (const maxBytes of [1, 100, 70_000, 1_000_000]) {
    for (const [file, code] of [
      [Buffer.alloc(0), 'FILE_EMPTY'],
      [Buffer.from('PK'), 'NOT_A_WORKBOOK'],
      [Buffer.from('<html>'), 'NOT_A_WORKBOOK'],
      [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]), 'UNSUPPORTED_MEDIA_TYPE'],
      [workbookOf(2000), null],
      [workbookOf(2000).subarray(0, -1), 'NOT_A_WORKBOOK'],
      [commented, null],
      [commented.subarray(0, -1), 'NOT_A_WORKBOOK']
    ] as const) {
      t.equal(codeOf(file, maxBytes), code, `${file.length} bytes in pieces of ${maxBytes}`)
    }
  }
})
