import type { UsageClient } from '@connect-usage-bff/client'

/** A row by the column names of the workbook. */
export type Row = Readonly<Record<string, string>>

/** The header of a spreadsheet is row 1, so the first row of data is row 2. */
export const FIRST_ROW = 2

/** Whether a line is a row. Categories come as lines before the rows. */
export function isRow (line: object): line is Row {
  return !('category' in line)
}

/** Reads rows of the uploaded workbook by their numbers, no further than the last of them. */
export async function rowsFrom (
  client: UsageClient, fileId: string, numbers: readonly number[], signal: AbortSignal
): Promise<ReadonlyMap<number, Row>> {
  const wanted = new Set(numbers)
  const found = new Map<number, Row>()
  if (wanted.size === 0) return found
  let number = FIRST_ROW
  for await (const row of client.rows('/v1/usage-files/{fileId}/files/uploaded', {
    params: { path: { fileId } }, signal
  })) {
    if (!isRow(row)) continue
    if (wanted.has(number)) found.set(number, row)
    if (found.size === wanted.size) break
    number += 1
  }
  return found
}
