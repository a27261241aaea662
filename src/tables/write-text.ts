import { stringify } from 'csv-stringify/sync'
import type { Table, TableRow, TypeOfColumn } from './table.ts'

export interface CsvOptions {
  typeOf: TypeOfColumn
  /** Whether texts that a spreadsheet could take for a formula get a `'` before them. */
  isEscaped: boolean
  /** Whether the text begins with a byte order mark, by which Excel knows UTF-8. */
  hasBom: boolean
}

/** What a spreadsheet may take for a formula, and the sign that takes its place. */
const FORMULA = /^[=+\-@'\t\r]/

/** By default a value with one of CR and LF alone would get no quotes. */
const FORMAT = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** Writes CSV: comma, CRLF, first line names. The columns of the table must be known before its rows. */
export async function * writeCsv (table: Table, options: CsvOptions): AsyncGenerator<Buffer, void, void> {
  const { columns } = table
  const isText = columns.map(name => options.isEscaped && options.typeOf(name) !== 'number')
  const escape = (text: string, index: number): string =>
    isText[index] === true && FORMULA.test(text) ? `'${text}` : text
  const lines = (rows: string[][]): Buffer => Buffer.from(stringify(rows, FORMAT))
  if (options.hasBom) yield Buffer.from('\ufeff')
  yield lines([[...columns]])
  for await (const batch of table.rows) {
    if (batch.length === 0) continue
    yield lines(batch.map(({ cells }) => columns.map((name, at) => escape(cells[name] ?? '', at))))
  }
}

/** Writes NDJSON: the categories that are known before the rows, then one row a line. */
export async function * writeNdjson (table: Table): AsyncGenerator<Buffer, void, void> {
  const categories = table.categories().map(category => `${JSON.stringify({ category })}\n`)
  if (categories.length > 0) yield Buffer.from(categories.join(''))
  for await (const batch of table.rows) {
    if (batch.length > 0) yield Buffer.from(batch.map(({ cells }) => `${JSON.stringify(cells)}\n`).join(''))
  }
}

/** Writes JSON: `{ "rows": [ … ], "categories": [ … ] }`. */
export async function * writeJson (table: Table): AsyncGenerator<Buffer, void, void> {
  let before = '{"rows":['
  const join = (rows: readonly TableRow[]): string => rows.map(({ cells }) => JSON.stringify(cells)).join(',\n')
  for await (const batch of table.rows) {
    if (batch.length === 0) continue
    yield Buffer.from(before + join(batch))
    before = ',\n'
  }
  const end = `],"categories":${JSON.stringify(table.categories())}}`
  yield Buffer.from(before === ',\n' ? end : before + end)
}
