import { stringify } from 'csv-stringify/sync'
import { ByteWriter } from './byte-writer.ts'
import type { Cells, Table, TypeOfColumn } from './table.ts'

export interface CsvOptions {
  typeOf: TypeOfColumn
  /** Whether a `'` is put before a text that a spreadsheet could take for a formula, except in columns of numbers. */
  isEscaped: boolean
  /** Whether the CSV begins with a byte order mark, by which Excel knows that it is UTF-8. */
  hasBom: boolean
}

/**
 * The first sign of a text that gets a `'` in front. The `'` itself is one of these signs. So a reader that removes a
 * `'` before one of these signs gets each text back.
 */
const FORMULA = /^[=+\-@'\t\r]/

/** For csv-stringify: CRLF between records, and quotes also around a value that has only a CR or only an LF. */
const FORMAT = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ }

/** What JSON.stringify may escape: a quote, a backslash, a control character, or a half of a surrogate pair. */
// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const JSON_SPECIAL = /["\\\0-\x1f\ud800-\udfff]/

/** Writes CSV in UTF-8, without categories. The table must know its columns before its rows. */
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

/** Writes NDJSON in UTF-8: a line for each category that the table knows before its rows, then one for each row. */
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

/** Gives a table as JSON in UTF-8: `{ "rows": [ … ], "categories": [ … ] }`. A cell without a value is left out. */
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

/** Gives a function that writes the cells of one row to `out`, as the JSON that `JSON.stringify` would give. */
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
