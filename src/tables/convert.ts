import { closeSync } from 'node:fs'
import { AppError } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { incoming } from './incoming.ts'
import { readCsv, type Delimiter } from './read-csv.ts'
import { readJson, readNdjson } from './read-json.ts'
import { openShared, readFile, writeFile, type SharedFile } from './shared-file.ts'
import { overLimit, type Cells, type ColumnType, type Table, type TableForm, type TypeOfColumn } from './table.ts'
import { writeCsv, writeJson, writeNdjson } from './write-text.ts'
import { readXlsx } from './xlsx/read-xlsx.ts'
import { writeXlsx } from './xlsx/write-xlsx.ts'

/** One conversion, as plain data: it goes to a worker thread. */
export interface Conversion {
  input: SharedFile
  output: SharedFile
  from: TableForm
  to: TableForm
  /** The columns that are no texts. */
  types: Readonly<Record<string, ColumnType>>
  /** The most bytes that the result may have. */
  maxBytes: number
  /** The sheet of a workbook that is read. Default: `records`. */
  sheet?: string
  delimiter?: Delimiter
  decimal?: 'point' | 'comma'
  defaults?: Cells
  /** CSV: whether texts that look like formulas have, or get, a `'` before them. */
  isEscaped?: boolean
  hasBom?: boolean
}

/** What the other thread gets. An AppError loses its class on the way, so that it goes as data. */
export type ConversionOutcome =
  | { rows: number, bytes: number }
  | { code: ErrorCode, detail: string }

/** Converts a table from one file to another. For a worker thread: it works with blocking calls. */
export async function convert (task: Conversion): Promise<ConversionOutcome> {
  const fds: number[] = []
  try {
    const input = openShared(task.input, 'r')
    fds.push(input)
    const output = openShared(task.output, 'r+')
    fds.push(output)
    return await convertFile(task, input, output)
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, detail: error.message }
    throw error
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

async function convertFile (task: Conversion, input: number, output: number): Promise<ConversionOutcome> {
  const { table, close } = await openTable(task, input)
  const count = { rows: 0 }
  try {
    const bytes = await writeFile(output, writerOf(task)(counted(table, count)), (size) => {
      if (size > task.maxBytes) throw overLimit(`The result has more than ${task.maxBytes} bytes.`)
    })
    return { rows: count.rows, bytes }
  } finally {
    close()
  }
}

async function openTable (task: Conversion, fd: number): Promise<{ table: Table, close: () => void }> {
  if (task.from === 'xlsx') {
    const table = await readXlsx(fd, task.sheet)
    return { table, close: table.close }
  }
  const typeOf = typesOf(task)
  const { defaults = {}, decimal = 'point', isEscaped = false } = task
  const take = (table: Table): Table => incoming(table, { typeOf, defaults, decimal, isEscaped })
  const close = (): void => {}
  if (task.from === 'csv') return { table: take(await readCsv(readFile(fd), task.delimiter)), close }
  const read = task.from === 'json' ? readJson : readNdjson
  // The rows name the columns. A form that names them first needs them before the first row.
  const first = take(read(readFile(fd), typeOf))
  for await (const _batch of first.rows) void _batch
  const { columns, categories } = first
  return { table: { columns, rows: take(read(readFile(fd), typeOf)).rows, categories }, close }
}

function writerOf (task: Conversion): (table: Table) => AsyncGenerator<Buffer, void, void> {
  const typeOf = typesOf(task)
  const { isEscaped = true, hasBom = false } = task
  switch (task.to) {
    case 'xlsx': return table => writeXlsx(table, typeOf)
    case 'csv': return table => writeCsv(table, { typeOf, isEscaped, hasBom })
    case 'ndjson': return writeNdjson
    case 'json': return writeJson
  }
}

function typesOf ({ types }: Conversion): TypeOfColumn {
  return name => Object.hasOwn(types, name) ? types[name]! : 'text'
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
