import { checkUsageWorkbook } from '../../src/workbooks/check-usage-workbook.ts'
import type { Catalog, CheckedRow, RowError } from '../../src/workbooks/types.ts'
import { catalog, goodRow, upload, type Row } from './fixtures/catalog.ts'

export async function checkedRow (changes: Row, catalogChanges: Partial<Catalog> = {}): Promise<CheckedRow> {
  const { rows, fileError } = await checkUsageWorkbook(
    await upload([{ ...goodRow, ...changes }]),
    catalog(catalogChanges)
  )
  if (rows[0] === undefined) throw new Error(`no row, file error ${fileError}`)
  return rows[0]
}

export async function errorsOf (changes: Row, catalogChanges: Partial<Catalog> = {}): Promise<RowError[]> {
  return (await checkedRow(changes, catalogChanges)).errors
}
