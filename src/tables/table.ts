import { AppError } from '../errors/app-error.ts'

/** The texts of the cells of one row, by column name. A cell without a value is absent. Numbers keep their digits. */
export type Cells = Readonly<Record<string, string>>

export interface TableRow {
  /** The number that a spreadsheet shows beside the row: the header is row 1. */
  number: number
  cells: Cells
}

/** A table that is read once, from its first row to its last row. */
export interface Table {
  /** The names of the columns in the order of the source. NDJSON and JSON: those of the rows that were read so far. */
  readonly columns: readonly string[]
  /** The rows in batches. Throws AppError when the source is no table, or is over a limit. */
  readonly rows: AsyncIterable<readonly TableRow[]>
  /** The categories beside the rows. They are complete once the rows have been read. */
  readonly categories: () => readonly Cells[]
}

export type TableForm = 'xlsx' | 'csv' | 'ndjson' | 'json'

/** The type of the values in a column. It decides which spellings a reader turns into the spelling of the workbook. */
export type ColumnType = 'text' | 'number' | 'time'

export type TypeOfColumn = (name: string) => ColumnType

/** The most rows of a table: a sheet has 1,048,576 rows, and the header is one of them. */
export const ROWS_MAX = 1_048_575
/** The most characters in a cell of a workbook. */
export const CELL_CHARS_MAX = 32_767
/** The most columns of a table. A workbook of usage has 17 known names, and any number of `v.*` and `p.*`. */
export const COLUMNS_MAX = 1_000
/** The most characters in all cells of one row together, names included. Bounds what a reader holds at once. */
export const ROW_CHARS_MAX = 262_144
/** The most categories of a table. */
export const CATEGORIES_MAX = 10_000
/** The most characters in the name of a column. Problems of rows name it. */
export const NAME_CHARS_MAX = 1_000
/** The rows in one batch of a reader. */
export const BATCH_ROWS = 500

/** Makes the error 413: the table is over a limit. */
export function overLimit (detail: string): AppError {
  return new AppError('BODY_TOO_LARGE', detail)
}

/** Makes the error 400: the body is no table. */
export function noTable (detail: string): AppError {
  return new AppError('MALFORMED_BODY', detail)
}

/**
 * Takes the names in the header row. Names that are empty at the end of the row are left out. Throws 400 without names
 * and for a name that stands there twice, 413 for more than 1,000 columns, and as `requireName`.
 */
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

/** Throws 400 for a name that no object of JavaScript can hold as plain data, and 413 for a name that is too long. */
export function requireName (name: string): void {
  if (name.length > NAME_CHARS_MAX) throw overLimit(`${quote(name)} has more than ${NAME_CHARS_MAX} characters.`)
  if (name === '__proto__') throw noTable('A column cannot have the name __proto__.')
}

/**
 * Makes the cells of a row that has no cell yet. They inherit nothing, so that a column may have the name
 * `constructor`. `Object.create(null)` would do the same, but V8 needs twice the time to fill such objects.
 */
export function noCells (): Record<string, string> {
  return new (WithoutPrototype as unknown as new () => Record<string, string>)()
}

function WithoutPrototype (): void {}
WithoutPrototype.prototype = Object.create(null)

/** Collects the cells of one row, and checks the limits. Throws 413 for a row after ROWS_MAX rows. */
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

  /** Adds a cell. Ignores an empty text. Throws 413 over a limit, and 400 for a value in a column without a name. */
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

/** Writes objects as one line of JSON each. */
export function toLines (objects: readonly object[]): Buffer {
  return Buffer.from(objects.map(object => `${JSON.stringify(object)}\n`).join(''))
}

/** Gives a name from the caller in quotes, cut to 64 characters for a message. */
export function quote (name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}
