import type { UsageClient } from '@connect-usage-bff/client'

/** A row of usage: each cell as a text, by the name of its column in the workbook. */
export type Row = Readonly<Record<string, string>>

/** The number of the first row of data: the header of a spreadsheet is row 1. */
export const FIRST_ROW = 2

/** The number of rows that are handled without a pause. In the pause the page reacts to what a person does. */
const PIECE = 2_000

async function pause (): Promise<void> {
  await new Promise(resolve => { setTimeout(resolve) })
}

async function * piecesOf<Item> (items: readonly Item[]): AsyncGenerator<readonly Item[], void, void> {
  for (let at = 0; at < items.length; at += PIECE) {
    yield items.slice(at, at + PIECE)
    await pause()
  }
}

/** Gives the rows of an NDJSON text, without its categories. */
export async function rowsOf (table: Blob): Promise<readonly Row[]> {
  const rows: Row[] = []
  const lines = (await table.text()).split('\n')
  for await (const piece of piecesOf(lines)) {
    rows.push(...piece.filter(line => line !== '').map(line => JSON.parse(line) as Row).filter(isRow))
  }
  return rows
}

export async function tableOf (rows: readonly Row[]): Promise<File> {
  // Each piece of the rows is a blob of its own. So memory need not hold the text of all rows beside the blobs.
  const parts: Blob[] = []
  for await (const piece of piecesOf(rows)) parts.push(new Blob(piece.map(row => `${JSON.stringify(row)}\n`)))
  return new File(parts, 'rows.ndjson', { type: 'application/x-ndjson' })
}

/** Whether a line is a row, and not a category. */
function isRow (line: object): line is Row {
  return !('category' in line)
}

/** Reads all rows of the uploaded workbook of a usage file, without its categories. */
export async function allRowsOf (client: UsageClient, fileId: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  for await (const row of client.rows('/v1/usage-files/{fileId}/files/uploaded', { params: { path: { fileId } } })) {
    if (isRow(row) && rows.push(row) % PIECE === 0) await pause()
  }
  return rows
}

/** Reads the rows with these numbers (FIRST_ROW and up) from the uploaded workbook, as far as it has them. */
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
