import { Parser } from 'csv-parse'
import { AppError } from '../errors/app-error.ts'
import { decoded } from '../streaming/decoded-text.ts'
import {
  COLUMNS_MAX, noTable, overLimit, ROW_CHARS_MAX, RowCells, takeHeader, type Table, type TableRow
} from './table.ts'

/** The signs that are looked for in the first line. Of two equally frequent signs, the earlier one here is taken. */
export const DELIMITERS = [',', ';', '\t', '|'] as const

export type Delimiter = (typeof DELIMITERS)[number]

/** When so many characters have been read without the end of the first line, the delimiter is looked for in these. */
const FIRST_LINE_MAX = 65_536
/** A character of a row has up to four bytes in UTF-8. The 4,096 are for quotes and delimiters. */
const RECORD_MAX_BYTES = 4 * ROW_CHARS_MAX + 4096
/** Each character of a row may be a quote, which CSV writes twice. A cell may have two quotes more, and a delimiter. */
const LINE_MAX_CHARS = 2 * ROW_CHARS_MAX + 3 * COLUMNS_MAX

/**
 * Reads CSV (RFC 4180) in UTF-8, with or without a byte order mark. The first line that is not empty has the names of
 * the columns. Without `delimiter`, the sign is looked for in that line. A line without any value gives no row, but
 * counts for the numbers of the rows. Throws 413 over a limit. Throws 400 for other faults, such as a wrong header, a
 * row with too few cells, a wrong quote, and text that is not UTF-8. Faults before the end of the header are thrown at
 * once, others at the latest when the rows are read.
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
 * Passes the text on. Throws 413 for a line of more than LINE_MAX_CHARS characters. The parser has no limit for
 * delimiters: of an endless line of commas it would keep a cell for each comma.
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

/** Gives the records, one batch for each piece of text. A batch may be empty. `start` comes before the pieces. */
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
  // Replaces the parser's own function: to read the parser as a stream would take twice the CPU.
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

async function readFirstLine (pieces: AsyncGenerator<string, void, void>): Promise<string> {
  let text = ''
  while (text.length < FIRST_LINE_MAX && !/[^\r\n][\r\n]./s.test(text)) {
    const { value, done } = await pieces.next()
    if (done === true) break
    text += value
  }
  return text
}

/** Gives the delimiter that is most often in the first line with a text, outside quotes; a comma if there is none. */
function findDelimiter (text: string): Delimiter {
  const line = /[^\r\n]+/.exec(text.replace(/"(?:[^"]|"")*"?/g, ''))?.[0] ?? ''
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
