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

/** How the rows of CSV, NDJSON or JSON are read. For a workbook none of this counts. */
export interface Reading extends IncomingOptions {
  /** CSV: the sign between two cells. Default: the one that the first line shows. */
  delimiter?: Delimiter
  /**
   * JSON: the name of a member that the body may have beside `rows` and `categories`. This member is not read. Default:
   * none.
   */
  otherMember?: string
}

export interface Writing {
  to: TableForm
  /** The most bytes that the result may have. */
  maxBytes: number
  /** CSV: whether a text that a spreadsheet could take for a formula gets a `'` before it. Default: true. */
  isEscaped?: boolean
  /** CSV: whether the result begins with a byte order mark (U+FEFF). Default: false. */
  hasBom?: boolean
  /**
   * A port to which the length of the result so far is sent, in bytes, each time that a part has been written. Default:
   * none.
   */
  progress?: MessagePort
}

/** The task of writing the table in one file into a second file in another form, as plain data for a worker thread. */
export interface Conversion extends Writing {
  input: SharedFile
  output: SharedFile
  from: TableForm
  /** For a workbook: the name of the sheet that is read. Default: `records`. */
  sheet?: string
  reading?: Reading
}

export interface Written { rows: number, bytes: number }

/**
 * Reads the table in one file and writes it in another form to a second file. Gives how many rows and bytes the result
 * has. Makes blocking calls. Throws what the reader and the writer throw, and 413 for a result over `maxBytes`.
 */
export async function convertFile (task: Conversion): Promise<Written> {
  return await withFile(task.input, 'r', async input =>
    await withNamedTable(input, task, async table =>
      await withFile(task.output, 'r+', async output => await writeTable(table, output, task))))
}

/** The form of a table in a file, and how the table is read. */
type Source = Pick<Conversion, 'from' | 'sheet' | 'reading'>

/**
 * Calls `work` with the table in an open file, and gives the result of `work`. The names of all columns and all
 * categories are known before the first row is read. For JSON and NDJSON that takes two readings of the file.
 */
export async function withNamedTable<Result> (
  fd: number, source: Source, work: (table: Table) => Promise<Result>
): Promise<Result> {
  // Only at the end of JSON and NDJSON is it known which columns and categories they have.
  const isNamedLate = source.from === 'json' || source.from === 'ndjson'
  return await withTable(fd, source, async open => {
    const table = await open()
    return await work(isNamedLate ? await namedFirst(table, open) : table)
  })
}

/**
 * Calls `work` with a function that opens the table in an open file, and gives the result of `work`. For CSV, NDJSON
 * and JSON each call of the function opens the table anew. For a workbook each call gives the same table, whose rows
 * can be read once.
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

/**
 * Reads a table to its end, to learn the names of its columns and its categories. Gives the table once more, with these
 * and with unread rows.
 */
async function namedFirst (table: Table, open: () => Promise<Table>): Promise<Table> {
  for await (const _batch of table.rows) void _batch
  const { columns, categories } = table
  return { columns, categories, rows: (await open()).rows }
}

/**
 * Writes a table to an open file, and gives how many rows and bytes that were. `remarks` are the comments on cells, for
 * a workbook. Throws 413 for a result over `maxBytes`, and what the table and the writer throw.
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
