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
  /** CSV: the sign between two cells. Default: the sign is found out from the first line. */
  delimiter?: Delimiter
  /** JSON: the name of a member that may stand beside `rows` and `categories`, and is skipped. Default: none. */
  otherMember?: string
}

export interface Writing {
  to: TableForm
  maxBytes: number
  /** CSV: whether texts that look like formulas get a `'` in front, but not in columns of numbers. Default: true. */
  isEscaped?: boolean
  /** CSV: whether the result begins with a byte order mark (U+FEFF). Default: false. */
  hasBom?: boolean
  /** Gets the length of the result so far, in bytes, each time that a part has been written. */
  progress?: MessagePort
}

export interface Conversion extends Writing {
  input: SharedFile
  output: SharedFile
  from: TableForm
  /** For a workbook: the name of the sheet that is read. Default: `records`. */
  sheet?: string
  reading?: Reading
}

export interface Written { rows: number, bytes: number }

/** Makes blocking calls. Throws 400, 413 or 422 for an input that cannot be read, 413 for a result over `maxBytes`. */
export async function convertFile (task: Conversion): Promise<Written> {
  return await withFile(task.input, 'r', async input =>
    await withNamedTable(input, task, async table =>
      await withFile(task.output, 'r+', async output => await writeTable(table, output, task))))
}

type Source = Pick<Conversion, 'from' | 'sheet' | 'reading'>

/** `work` gets a table that knows its columns and categories before its rows. So JSON and NDJSON are read twice. */
export async function withNamedTable<Result> (
  fd: number, source: Source, work: (table: Table) => Promise<Result>
): Promise<Result> {
  const isNamedLate = source.from === 'json' || source.from === 'ndjson'
  return await withTable(fd, source, async open => {
    const table = await open()
    return await work(isNamedLate ? await namedFirst(table, open) : table)
  })
}

/**
 * Gives the result of `work`, which opens the table with `open`. Each call of `open` gives a new table, but for a
 * workbook always the same one. The rows of one table can be read only once.
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

/** Reads the table once for the names of its columns and its categories, and opens it again for its rows. */
async function namedFirst (table: Table, open: () => Promise<Table>): Promise<Table> {
  for await (const _batch of table.rows) void _batch
  const { columns, categories } = table
  return { columns, categories, rows: (await open()).rows }
}

/** `remarks` are the comments on cells, for a workbook. Throws 413 for a result over `maxBytes`. */
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
