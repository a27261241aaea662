import { stringify } from 'csv-stringify/sync'
import { ByteWriter } from './byte-writer.ts'
import type { Cells, Table, TypeOfColumn } from './table.ts'

export interface CsvOptions {
  typeOf: TypeOfColumn
  /** Whether texts that a spreadsheet could take for a formula get a `'` before them. */
  isEscaped: boolean
  /** Whether the text begins with a byte order mark. It tells Excel that the text is UTF-8. */
  hasBom: boolean
}

/** The beginnings that get a `'`: those of formulas, and `'` itself, so that a reader removes only added signs. */
const FORMULA = /^[=+\-@'\t\r]/

/** By default csv-stringify puts no quotes around a value with a CR alone or an LF alone. */
const FORMAT = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** What JSON escapes: quotes, backslashes, control characters and halves of pairs. */
// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const JSON_SPECIAL = /["\\\0-\x1f\ud800-\udfff]/

/** Writes CSV with commas and CRLF. The first line has the names of the columns. They must be known before the rows. */
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

/** Writes NDJSON: first the categories that the table knows before its rows, then one row a line. */
export async function * writeNdjson (table: Table): AsyncGenerator<Buffer, void, void> {
  const categories = table.categories().map(category => `${JSON.stringify({ category })}\n`)
  if (categories.length > 0) yield Buffer.from(categories.join(''))
  const out = new ByteWriter()
  const writeCells = cellsWriter(out)
  for await (const batch of table.rows) {
    for (const { cells } of batch) {
      writeCells(cells)
      out.write('\n')
    }
    if (batch.length > 0) yield out.take()
  }
}

/** Writes JSON: `{ "rows": [ … ], "categories": [ … ] }`. */
export async function * writeJson (table: Table): AsyncGenerator<Buffer, void, void> {
  const out = new ByteWriter()
  const writeCells = cellsWriter(out)
  let before = '{"rows":['
  for await (const batch of table.rows) {
    for (const { cells } of batch) {
      out.write(before)
      writeCells(cells)
      before = ',\n'
    }
    if (batch.length > 0) yield out.take()
  }
  yield Buffer.from(`${before === ',\n' ? '' : before}],"categories":${JSON.stringify(table.categories())}}`)
}

/** Gives a function that writes the cells of a row as a JSON object, as `JSON.stringify` does. */
function cellsWriter (out: ByteWriter): (cells: Cells) => void {
  const names = new Map<string, string>()
  return (cells) => {
    let sign = '{'
    for (const name in cells) {
      let start = names.get(name)
      if (start === undefined) names.set(name, start = `${JSON.stringify(name)}:"`)
      const text = cells[name]!
      out.write(sign)
      out.write(start)
      out.write(JSON_SPECIAL.test(text) ? JSON.stringify(text).slice(1, -1) : text)
      sign = '",'
    }
    out.write(sign === '{' ? '{}' : '"}')
  }
}
