import { CELL_CHARS_MAX, noTable, overLimit, RowCells, takeHeader, type TableRow } from '../table.ts'
import { cellText, type CellContext } from './cell-text.ts'
import { notAWorkbook } from './open-zip.ts'
import type { XmlHandler } from './parse-xml.ts'
import { readPlainCell } from './plain-cell.ts'
import { parseReference, parseRow, SHEET_COLUMNS } from './cell-addresses.ts'
import { NOT_WHOLE, type Attributes } from './xml-scanner.ts'

/** The most characters of a cell in the XML: an escape such as `_x000D_` has seven characters for one. */
const RAW_CHARS_MAX = 7 * CELL_CHARS_MAX
/** The most characters of a table. Its XML may be far shorter: a few bytes can name a text of 32,767 characters. */
const TABLE_CHARS_MAX = 2 ** 30

/** Collects the rows of a sheet. Throws 400 or 422 for a sheet that is no table, and 413 over a limit. */
export class SheetHandler implements XmlHandler {
  /** The names of the columns; null until the header has been read. */
  columns: readonly string[] | null = null
  rows: TableRow[] = []
  /** The number of characters in the cells of `rows`. */
  chars = 0
  readonly #context: CellContext
  readonly #path: string[] = []
  #row = 0
  /** The number of the row that is being read, `#row`, as a text. */
  #digits = '0'
  /** The texts of the header, each at the index of its column, from 0. */
  #names: string[] = []
  #cells: RowCells | null = null
  /** For each column, by its index from 0: the number of the last row that has a value there; 0 for none. */
  readonly #lastRow = new Uint32Array(SHEET_COLUMNS)
  #column = -1
  #type = ''
  #style: string | undefined
  #text = ''
  #total = 0

  constructor (context: CellContext) {
    this.#context = context
  }

  open (name: string, attributes: Attributes, depth: number): void {
    this.#path[depth - 1] = name
    this.#path.length = depth
    if (depth === 3 && name === 'row' && this.#path[1] === 'sheetData') this.#openRow(attributes['r'])
    else if (depth === 4 && this.#isInRow() && name === 'c') this.#openCell(attributes)
  }

  /** Reads a cell at once if it is written as most programs do, so that the scanner has fewer tags to read. */
  readElement (text: string, at: number): number {
    if (this.#path.length !== 3 || !this.#isInRow()) return NOT_WHOLE
    const cell = readPlainCell(text, at, this.#digits)
    if (cell === null) return NOT_WHOLE
    this.#column = cell.column
    this.#addCell(cellText(cell.type, cell.style, cell.value, this.#context))
    return cell.end
  }

  text (text: string): void {
    if (!this.#isValue()) return
    this.#text += text
    if (this.#text.length > RAW_CHARS_MAX) throw tooLong(this.#row)
  }

  close (name: string, depth: number): void {
    if (depth === 4 && name === 'c' && this.#isInRow()) this.#closeCell()
    else if (depth === 3 && name === 'row' && this.#isInRow()) this.#closeRow()
    this.#path.length = depth - 1
  }

  takeRows (): TableRow[] {
    const rows = this.rows
    this.rows = []
    this.chars = 0
    return rows
  }

  #isInRow (): boolean {
    return this.#path[2] === 'row' && this.#path[1] === 'sheetData'
  }

  /** A value is in `v`, `is/t` or `is/r/t` of a cell. Formulas and phonetic texts are no values. */
  #isValue (): boolean {
    const path = this.#path
    if (path[3] !== 'c' || !this.#isInRow()) return false
    if (path[4] === 'v') return path.length === 5
    return path[4] === 'is' && path.at(-1) === 't' && (path.length === 6 || (path.length === 7 && path[5] === 'r'))
  }

  #openRow (reference: string | undefined): void {
    const row = parseRow(reference ?? String(this.#row + 1))
    if (row === null) throw notAWorkbook('a row has a number that no sheet has')
    if (row <= this.#row) throw notAWorkbook('the rows are not in order')
    this.#row = row
    this.#digits = String(row)
    this.#column = -1
    this.#cells = null
  }

  #openCell (attributes: Attributes): void {
    const { r: reference, t: type = 'n', s: style } = attributes
    const place = reference === undefined
      ? { column: this.#column + 1, row: this.#row }
      : parseReference(reference)
    if (place === null || place.row !== this.#row) {
      throw notAWorkbook('a cell has a reference that is not in its row')
    }
    this.#column = place.column
    this.#type = type
    this.#style = style
    this.#text = ''
  }

  #closeCell (): void {
    this.#addCell(cellText(this.#type, this.#style, this.#text, this.#context))
    this.#text = ''
  }

  #addCell (text: string): void {
    if (text === '') return
    if (this.#lastRow[this.#column] === this.#row) throw notAWorkbook('a cell is there twice')
    this.#lastRow[this.#column] = this.#row
    if (this.columns === null) {
      if (text.length > CELL_CHARS_MAX) throw tooLong(this.#row)
      this.#names[this.#column] = text
    } else {
      this.#cells ??= new RowCells(this.#row)
      this.#cells.add(this.columns[this.#column] ?? '', text)
      this.chars += text.length
      this.#total += text.length
    }
  }

  #closeRow (): void {
    if (this.columns === null) return this.#takeHeader()
    if (this.#cells === null) return
    if (this.#total > TABLE_CHARS_MAX) throw overLimit(`The table has more than ${TABLE_CHARS_MAX} characters.`)
    this.rows.push({ number: this.#row, cells: this.#cells.cells })
  }

  #takeHeader (): void {
    if (this.#row > 1) throw noTable('The first row of the sheet must hold the names of the columns.')
    this.columns = takeHeader(Array.from(this.#names, name => name ?? ''))
  }
}

function tooLong (row: number): Error {
  return overLimit(`Row ${row} has a cell of more than ${CELL_CHARS_MAX} characters.`)
}
