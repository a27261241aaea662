import { AppError } from '../errors/app-error.ts'

/** The texts of one row by column. A cell without a value is absent. Numbers are texts and keep all their digits. */
export type Cells = Readonly<Record<string, string>>

export interface TableRow {
  /** As in a spreadsheet: the header is usually row 1. The first row of NDJSON or JSON is row 2. */
  number: number
  cells: Cells
}

/** A table whose rows can be read only once, from the first to the last. */
export interface Table {
  /** For NDJSON and JSON, a name may be missing until a row with this name has been read. */
  readonly columns: readonly string[]
  /** Batches may be empty. To read them throws AppError when the source is no table or is over a limit. */
  readonly rows: AsyncIterable<readonly TableRow[]>
  /** The categories that the source declares beside its rows. They are complete when all rows have been read. */
  readonly categories: () => readonly Cells[]
}

export type TableForm = 'xlsx' | 'csv' | 'ndjson' | 'json'

export type ColumnType = 'text' | 'number' | 'time'

export type TypeOfColumn = (name: string) => ColumnType

/** The most rows of a table: a sheet has 1,048,576 rows, and the header is one of them. */
export const ROWS_MAX = 1_048_575
/** The most characters in a cell of a workbook. */
export const CELL_CHARS_MAX = 32_767
/** The most columns. A workbook of usage has 17 with fixed names, and any number of columns `v.*` and `p.*`. */
export const COLUMNS_MAX = 1_000
/** The most characters of a row with its column names, of a line of NDJSON, and of an element of JSON. */
export const ROW_CHARS_MAX = 262_144
export const CATEGORIES_MAX = 10_000
/** The most characters in the name of a column. Each problem of a row may hold the name. */
export const NAME_CHARS_MAX = 1_000
/** The reader of workbooks ends a batch when it has so many rows or more. */
export const BATCH_ROWS = 500

/** Makes the error BODY_TOO_LARGE (413), for a table over a limit. */
export function overLimit (detail: string): AppError {
  return new AppError('BODY_TOO_LARGE', detail)
}

/** Makes the error MALFORMED_BODY (400), for a body that is no table. */
export function noTable (detail: string): AppError {
  return new AppError('MALFORMED_BODY', detail)
}

/** Leaves out empty names at the end. Throws 400 for a wrong header, such as a repeated name, and 413 over a limit. */
export function takeHeader (names: readonly string[]): readonly string[] {
  const columns = names.slice(0, names.findLastIndex(name => name !== '') + 1)
  if (columns.length === 0) throw noTable('The first row has no names of columns.')
  if (columns.length > COLUMNS_MAX) throw overLimit(`The table has more than ${COLUMNS_MAX} columns.`)
  const seen = new Set<string>()
  for (const name of columns) {
    requireName(name)
    if (name !== '' && seen.has(name)) throw noTable(`Two columns have the name ${quote(name)}.`)
    seen.add(name)
  }
  return columns
}

/** Throws 413 for a name that is too long, and 400 for `__proto__`, which is no usual property in JavaScript. */
export function requireName (name: string): void {
  if (name.length > NAME_CHARS_MAX) throw overLimit(`${quote(name)} has more than ${NAME_CHARS_MAX} characters.`)
  if (name === '__proto__') throw noTable('A column cannot have the name __proto__.')
}

/**
 * Gives an empty object that inherits nothing, so a column may be `constructor`. V8 fills an `Object.create(null)` half
 * as fast.
 */
export function noCells (): Record<string, string> {
  return new (WithoutPrototype as unknown as new () => Record<string, string>)()
}

function WithoutPrototype (): void {}
WithoutPrototype.prototype = Object.create(null)

/** Collects the cells of one row. `new` throws 413 for a row after the last one that a sheet can have. */
export class RowCells {
  readonly cells = noCells()
  readonly #row: number
  #chars = 0
  #count = 0

  constructor (row: number) {
    if (row > ROWS_MAX + 1) throw overLimit(`The table has more than ${ROWS_MAX} rows.`)
    this.#row = row
  }

  get isEmpty (): boolean {
    return this.#count === 0
  }

  /** Adds a cell; an empty text adds none. Throws 413 over a limit, and 400 for a value in a column without a name. */
  add (name: string, text: string): void {
    if (text === '') return
    if (name === '') throw noTable(`Row ${this.#row} has a value in a column that has no name.`)
    this.#chars += text.length + name.length
    this.#count += 1
    if (text.length > CELL_CHARS_MAX) {
      throw overLimit(`Row ${this.#row}: ${quote(name)} has more than ${CELL_CHARS_MAX} characters.`)
    }
    if (this.#chars > ROW_CHARS_MAX) throw overLimit(`Row ${this.#row} has more than ${ROW_CHARS_MAX} characters.`)
    this.cells[name] = text
  }
}

export function toLines (objects: readonly object[]): Buffer {
  return Buffer.from(objects.map(object => `${JSON.stringify(object)}\n`).join(''))
}

export function quote (name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}
