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

/** What the values of a column are. It decides which spellings a reader turns into the spelling of the workbook. */
export type ColumnType = 'text' | 'number' | 'time'

/** The most rows of a table: a sheet has 1,048,576 rows, and the header is one of them. */
export const ROWS_MAX = 1_048_575
/** The most characters in a cell of a workbook. */
export const CELL_CHARS_MAX = 32_767
/** The most columns of a table. The contract knows 17 names, and any number of `v.*`. */
export const COLUMNS_MAX = 1_000
/** The rows in one batch of a reader. */
export const BATCH_ROWS = 500
