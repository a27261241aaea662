import { categoriesSheet } from './categories-sheet.ts'
import { storeUncompressed } from './stored-zip.ts'
import type { Category } from './types.ts'
import { writeSheets } from './write-sheets.ts'

/** Makes an upload as a vendor does. The same input gives the same bytes on every machine. */
export async function writeUsageWorkbook (
  columns: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
  categories?: readonly Category[]
): Promise<Uint8Array> {
  return storeUncompressed(
    await writeSheets([
      { name: 'records', rows: [columns, ...rows] },
      ...(categories === undefined ? [] : [categoriesSheet(categories)])
    ])
  )
}
