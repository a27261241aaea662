import { Parser } from 'csv-parse'
import { AppError } from '../errors/app-error.ts'
import { decoded } from '../streaming/decoded-text.ts'
import {
  COLUMNS_MAX, noTable, overLimit, ROW_CHARS_MAX, RowCells, takeHeader, type Table, type TableRow
} from './table.ts'

/** The delimiters that are looked for in the first line, the most usual one first. */
export const DELIMITERS = [',', ';', '\t', '|'] as const

export type Delimiter = (typeof DELIMITERS)[number]

/** The most characters of the first line in which a delimiter is looked for. */
const FIRST_LINE_MAX = 65_536
/** A character takes up to four bytes; quotes and delimiters come on top. */
const RECORD_MAX_BYTES = 4 * ROW_CHARS_MAX + 4096
/** The most characters in a line: each character of a row may be a doubled quote, each cell has quotes and a comma. */
const LINE_MAX_CHARS = 2 * ROW_CHARS_MAX + 3 * COLUMNS_MAX

/**
 * Reads CSV (RFC 4180) in UTF-8, with or without a byte order mark. The first line holds the names of the columns. A
 * line without any value is no row, but has a number. Throws 400 for a header that `takeHeader` refuses, for a line
 * with fewer cells or more values than the header, for a wrong quote, and for text that is not UTF-8; 413 over a limit.
 */
export async function readCsv (source: AsyncIterable<Buffer>, delimiter?: Delimiter): Promise<Table> {
  const pieces = withShortLines(decoded(source))
  const start = delimiter === undefined ? await readFirstLine(pieces) : ''
  const lines = readLines(pieces, start, delimiter ?? findDelimiter(start))
  let batch = await lines.next()
  while (batch.done !== true && batch.value.length === 0) batch = await lines.next()
  const header = batch.done === true ? undefined : batch.value.shift()
  if (header === undefined) throw noTable('The CSV is empty. The first line must hold the names of the columns.')
  const columns = takeHeader(header.cells)
  const first = batch.value ?? []
  return {
    columns,
    rows: (async function * () {
      yield toRows(columns, first)
      for await (const later of lines) yield toRows(columns, later)
    })(),
    categories: () => []
  }
}

/**
 * Throws 413 for a line that is longer than any row. The parser counts no delimiters, and would keep a cell for each
 * comma of a line that never ends.
 */
async function * withShortLines (pieces: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let open = 0
  for await (const piece of pieces) {
    const first = piece.search(/[\r\n]/)
    if (open + (first === -1 ? piece.length : first) > LINE_MAX_CHARS) {
      throw overLimit(`A row has more than ${ROW_CHARS_MAX} characters. A quote may not be closed.`)
    }
    const last = Math.max(piece.lastIndexOf('\n'), piece.lastIndexOf('\r'))
    open = last === -1 ? open + piece.length : piece.length - last - 1
    yield piece
  }
}

interface Line { number: number, cells: string[] }

/** Gives the lines of the CSV in batches. */
async function * readLines (
  pieces: AsyncIterable<string>, start: string, delimiter: string
): AsyncGenerator<Line[], void, void> {
  let lines: Line[] = []
  const parser = new Parser({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: RECORD_MAX_BYTES
  })
  const { info } = parser
  // The lines do not go through the stream of the parser, which takes twice the CPU. `on_record` is not used either,
  // because the parser would describe each line in an object.
  parser.push = (cells: string[] | null) => {
    if (cells !== null) lines.push({ number: info.records + info.empty_lines, cells })
    return true
  }
  parser.on('error', () => {})
  parser.resume()
  const finish = async (send: (done: (error?: Error | null) => void) => void): Promise<Line[]> => {
    await new Promise<void>((resolve, reject) => {
      send(error => { if (error) reject(toAppError(error)); else resolve() })
    })
    const taken = lines
    lines = []
    return taken
  }
  try {
    if (start !== '') yield await finish(done => parser.write(start, done))
    for await (const piece of pieces) yield await finish(done => parser.write(piece, done))
    yield await finish(done => parser.end(done))
  } finally {
    parser.destroy()
  }
}

function toRows (columns: readonly string[], lines: readonly Line[]): TableRow[] {
  const rows: TableRow[] = []
  for (const { number, cells } of lines) {
    const row = new RowCells(number)
    if (cells.length < columns.length && cells.some(cell => cell !== '')) throw wrongWidth(number, cells, columns)
    for (const [index, cell] of cells.entries()) {
      if (index < columns.length) row.add(columns[index]!, cell)
      else if (cell !== '') throw wrongWidth(number, cells, columns)
    }
    if (!row.isEmpty) rows.push({ number, cells: row.cells })
  }
  return rows
}

function wrongWidth (row: number, cells: readonly string[], columns: readonly string[]): AppError {
  return noTable(
    `Row ${row} has ${cells.length} cells, but the header has ${columns.length}. ` +
    'Put a value that holds the delimiter or a quote between double quotes.'
  )
}

/** Reads pieces until the first line has ended, or has FIRST_LINE_MAX characters. */
async function readFirstLine (pieces: AsyncGenerator<string, void, void>): Promise<string> {
  let text = ''
  while (text.length < FIRST_LINE_MAX && !/[\r\n]./s.test(text)) {
    const { value, done } = await pieces.next()
    if (done === true) break
    text += value
  }
  return text
}

/** Gives the delimiter that the first line holds most often outside quotes; a comma for a line without delimiters. */
function findDelimiter (text: string): Delimiter {
  const line = text.replace(/"(?:[^"]|"")*"?/g, '').split(/[\r\n]/, 1)[0] ?? ''
  const counts = DELIMITERS.map(delimiter => line.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

function toAppError (error: Error & { code?: string, lines?: number }): Error {
  if (error instanceof AppError || error.code === undefined) return error
  const place = error.lines === undefined ? '' : ` near line ${error.lines}`
  if (error.code === 'CSV_MAX_RECORD_SIZE') {
    return overLimit(`A row${place} has more than ${ROW_CHARS_MAX} characters. A quote may not be closed.`)
  }
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') return noTable('The CSV ends inside a quoted value: a quote is missing.')
  return noTable(`The CSV cannot be read${place}: a quote stands where none may be.`)
}
