import type { MessagePort } from 'node:worker_threads'
import { typeOfColumn } from './columns.ts'
import { incoming, type IncomingOptions } from './incoming.ts'
import { readCsv, type Delimiter } from './read-csv.ts'
import { readJson, readNdjson } from './read-json.ts'
import { readFile, withFile, writeFile, type SharedFile } from './shared-file.ts'
import { overLimit, type Table, type TableForm } from './table.ts'
import { writeCsv, writeJson, writeNdjson } from './write-text.ts'
import { readXlsx } from './xlsx/read-xlsx.ts'
import { writeXlsx } from './xlsx/write-xlsx.ts'

/** How the rows of a text form are read. A workbook is read as it is. */
export interface Reading extends IncomingOptions {
  /** CSV: what separates its cells. Default: found in the first line. */
  delimiter?: Delimiter
}

/** How a table is written. */
export interface Writing {
  to: TableForm
  /** The most bytes that the result may have. */
  maxBytes: number
  /** CSV: whether texts that look like formulas get a `'` before them. Default: true. */
  isEscaped?: boolean
  /** CSV: whether it begins with a byte order mark. Default: false. */
  hasBom?: boolean
  /** Gets the bytes of the output so far, as a number, each time that some are written. */
  progress?: MessagePort
}

/** One conversion, as plain data: it goes to a worker thread. */
export interface Conversion extends Writing {
  input: SharedFile
  output: SharedFile
  from: TableForm
  /** The sheet of a workbook that is read. Default: `records`. */
  sheet?: string
  reading?: Reading
}

export interface Written { rows: number, bytes: number }

/** Converts a table from one file to another, with blocking calls. Gives the rows and the bytes of the result. */
export async function convertFile (task: Conversion): Promise<Written> {
  return await withFile(task.input, 'r', async input =>
    await withTable(input, task, async open =>
      await withFile(task.output, 'r+', async output => {
        const table = await open()
        // The rows of JSON and NDJSON name the columns. A form that names them first needs them before the first row.
        const isNamedLate = task.from === 'json' || task.from === 'ndjson'
        return await writeTable(isNamedLate ? await namedFirst(table, open) : table, output, task)
      })))
}

/**
 * Calls `work` with a function that opens the table in an open file. A text form can be opened several times, to read
 * the rows again; a workbook once.
 */
export async function withTable<Result> (
  fd: number,
  { from, sheet, reading = {} }: Pick<Conversion, 'from' | 'sheet' | 'reading'>,
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
  return await work(async () => incoming(
    from === 'csv'
      ? await readCsv(readFile(fd), reading.delimiter)
      : (from === 'json' ? readJson : readNdjson)(readFile(fd), typeOfColumn),
    reading
  ))
}

/** Reads all rows of a table for the names of its columns, and gives the table once more with all names known. */
async function namedFirst (table: Table, open: () => Promise<Table>): Promise<Table> {
  for await (const _batch of table.rows) void _batch
  const { columns, categories } = table
  return { columns, categories, rows: (await open()).rows }
}

/** Writes a table to an open file. Throws 413 when the result is over the limit, and what the writer throws. */
export async function writeTable (table: Table, fd: number, writing: Writing): Promise<Written> {
  const count = { rows: 0 }
  const bytes = await writeFile(fd, writerOf(writing)(counted(table, count)), {
    before: size => {
      if (size > writing.maxBytes) throw overLimit(`The result has more than ${writing.maxBytes} bytes.`)
    },
    after: size => { writing.progress?.postMessage(size) }
  })
  return { rows: count.rows, bytes }
}

function writerOf ({ to, isEscaped = true, hasBom = false }: Writing): (table: Table) => AsyncIterable<Buffer> {
  switch (to) {
    case 'xlsx': return table => writeXlsx(table, typeOfColumn)
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
