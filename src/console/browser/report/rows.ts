import type { Schemas, UsageClient } from '@connect-usage-bff/client'

/** A row of usage: each cell as a text, by the name of its column in the workbook. */
export type Row = Readonly<Record<string, string>>

interface Category { category: object }

/** A table as the lines of its NDJSON: the categories that it declares, and its rows. */
export interface Lines { categories: readonly Category[], rows: readonly Row[] }

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

export async function linesOf (table: Blob): Promise<Lines> {
  return await collect(parse((await table.text()).split('\n')))
}

function * parse (lines: readonly string[]): Generator<Category | Row, void, void> {
  for (const line of lines) if (line !== '') yield JSON.parse(line) as Category | Row
}

async function collect (lines: Iterable<Category | Row> | AsyncIterable<Category | Row>): Promise<Lines> {
  const categories: Category[] = []
  const rows: Row[] = []
  for await (const line of lines) {
    if (!isRow(line)) categories.push(line)
    else if (rows.push(line) % PIECE === 0) await pause()
  }
  return { categories, rows }
}

export async function tableOf ({ categories, rows }: Lines): Promise<File> {
  // Each piece of the lines is a blob of its own. So memory need not hold the text of all rows beside the blobs.
  const parts: Blob[] = []
  for await (const piece of piecesOf([...categories, ...rows])) {
    parts.push(new Blob(piece.map(line => `${JSON.stringify(line)}\n`)))
  }
  return new File(parts, 'rows.ndjson', { type: 'application/x-ndjson' })
}

/** A row may have a column with the name `category`. Its value is a text. */
function isRow (line: Category | Row): line is Row {
  return typeof line['category'] !== 'object'
}

/** Reads the uploaded workbook of a usage file. */
export async function uploadedLines (client: UsageClient, fileId: string): Promise<Lines> {
  return await collect(client.rows('/v1/usage-files/{fileId}/files/uploaded', { params: { path: { fileId } } }))
}

/**
 * Finds the rows of these errors in the uploaded workbook, as far as it has them, and gives them by the number of the
 * error's row. The workbook is read without its empty rows, but the errors count them. So a row is found by its record
 * id; of several rows with this id it is the last one that can have the number.
 */
export async function rowsOf (
  errors: ReadonlyArray<Pick<Schemas['RowError'], 'row' | 'recordId'>>, client: UsageClient, fileId: string,
  signal: AbortSignal
): Promise<ReadonlyMap<number, Row>> {
  const found = new Map<number, Row>()
  const wanted = new Map<string, number[]>()
  let last = 0
  for (const { row, recordId } of errors) {
    if (row === null || recordId === null) continue
    wanted.set(recordId, [...wanted.get(recordId) ?? [], row])
    last = Math.max(last, row)
  }
  if (last === 0) return found
  let number = FIRST_ROW
  for await (const row of client.rows('/v1/usage-files/{fileId}/files/uploaded', {
    params: { path: { fileId } }, signal
  })) {
    if (!isRow(row)) continue
    const recordId = row['record_id'] ?? row['usage_record_id'] ?? ''
    for (const one of wanted.get(recordId) ?? []) if (one >= number) found.set(one, row)
    if (number >= last) break
    number += 1
  }
  return found
}
