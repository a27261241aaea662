import type { MessagePort } from 'node:worker_threads'
import { typeOfColumn } from './columns.ts'
import { incoming, type IncomingOptions } from './incoming.ts'
import { readCsv, type Delimiter } from './read-csv.ts'
import { readJson, readNdjson } from './read-json.ts'
import { readFile, withFile, writeFile, type SharedFile } from './shared-file.ts'
import { overLimit, type Table, type TableForm } from './table.ts'
import { writeCsv, writeJson, writeNdjson } from './write-text.ts'
import { readXlsx } from './xlsx/read-xlsx.ts'
import { writeXlsx, type Remarks } from './xlsx/write-xlsx.ts'

/** How the rows of a text form are read. A workbook is read as it is. */
export interface Reading extends IncomingOptions {
  /** CSV: what separates its cells. Default: found in the first line. */
  delimiter?: Delimiter
  /** JSON: the name of one more member that the body may have. It is not read. Default: none. */
  otherMember?: string
}

/** How a table is written. */
export interface Writing {
  to: TableForm
  /** The most bytes that the result may have. */
  maxBytes: number
  /** CSV: whether texts that look like formulas get a `'` before them. Default: true. */
  isEscaped?: boolean
  /** CSV: whether the result begins with a byte order mark. Default: false. */
  hasBom?: boolean
  /** Gets the bytes of the output so far, as a number, each time that some are written. */
  progress?: MessagePort
}

/** One conversion, as plain data, which goes to a worker thread. */
export interface Conversion extends Writing {
  input: SharedFile
  output: SharedFile
  from: TableForm
  /** The sheet of a workbook that is read. Default: `records`. */
  sheet?: string
  reading?: Reading
}

export interface Written { rows: number, bytes: number }

/**
 * Converts a table from one file to another, with blocking calls. Gives the numbers of rows and bytes of the result.
 * Throws what the reader and the writer throw, and 413.
 */
export async function convertFile (task: Conversion): Promise<Written> {
  return await withFile(task.input, 'r', async input =>
    await withNamedTable(input, task, async table =>
      await withFile(task.output, 'r+', async output => await writeTable(table, output, task))))
}

/** Where a table is read from, and how. */
type Source = Pick<Conversion, 'from' | 'sheet' | 'reading'>

/** Calls `work` with the table in an open file. The table has all its columns and categories before the first row. */
export async function withNamedTable<Result> (
  fd: number, source: Source, work: (table: Table) => Promise<Result>
): Promise<Result> {
  // JSON and NDJSON show all columns and categories only at their end. A writer needs them before the first row, so
  // the input is read twice.
  const isNamedLate = source.from === 'json' || source.from === 'ndjson'
  return await withTable(fd, source, async open => {
    const table = await open()
    return await work(isNamedLate ? await namedFirst(table, open) : table)
  })
}

/**
 * Calls `work` with a function that opens the table in an open file. A text form can be opened several times, to read
 * the rows again. The rows of a workbook can be read once.
 */
export async function withTable<Result> (
  fd: number,
  { from, sheet, reading = {} }: Source,
  work: (open: () => Promise<Table>) => Promise<Result>
): Promise<Result> {
  if (from === 'xlsx') {
    const table = await readXlsx(fd, sheet)
    try {
      return await work(async () => table)
    } finally {
      table.close()
    }
  }
  return await work(async () => incoming(await readText(fd, from, reading), reading))
}

async function readText (fd: number, from: Exclude<TableForm, 'xlsx'>, reading: Reading): Promise<Table> {
  switch (from) {
    case 'csv': return await readCsv(readFile(fd), reading.delimiter)
    case 'ndjson': return readNdjson(readFile(fd), typeOfColumn)
    case 'json': return readJson(readFile(fd), typeOfColumn, reading.otherMember)
  }
}

/** Reads all rows of a table for the names of its columns, and gives the table once more with all names known. */
async function namedFirst (table: Table, open: () => Promise<Table>): Promise<Table> {
  for await (const _batch of table.rows) void _batch
  const { columns, categories } = table
  return { columns, categories, rows: (await open()).rows }
}

/**
 * Writes a table to an open file. `remarks` are the comments on the cells of a workbook. Throws 413 when the result is
 * over the limit, and what the table and the writer throw.
 */
export async function writeTable (table: Table, fd: number, writing: Writing, remarks?: Remarks): Promise<Written> {
  const count = { rows: 0 }
  const bytes = await writeFile(fd, writerOf(writing, remarks)(counted(table, count)), {
    before: size => {
      if (size > writing.maxBytes) throw overLimit(`The result has more than ${writing.maxBytes} bytes.`)
    },
    after: size => { writing.progress?.postMessage(size) }
  })
  return { rows: count.rows, bytes }
}

function writerOf (
  { to, isEscaped = true, hasBom = false }: Writing, remarks?: Remarks
): (table: Table) => AsyncIterable<Buffer> {
  switch (to) {
    case 'xlsx': return table => writeXlsx(table, typeOfColumn, remarks)
    case 'csv': return table => writeCsv(table, { typeOf: typeOfColumn, isEscaped, hasBom })
    case 'ndjson': return writeNdjson
    case 'json': return writeJson
  }
}

function counted (table: Table, count: { rows: number }): Table {
  return {
    columns: table.columns,
    categories: table.categories,
    rows: (async function * () {
      for await (const batch of table.rows) {
        count.rows += batch.length
        yield batch
      }
    })()
  }
}
