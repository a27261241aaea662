import { CELL_CHARS_MAX, noTable, overLimit, RowCells, takeHeader, type TableRow } from '../table.ts'
import { cellText, type CellContext } from './cell-text.ts'
import { notAWorkbook } from './open-zip.ts'
import type { Attributes, XmlHandler } from './parse-xml.ts'
import { parseReference, parseRow } from './references.ts'

/** An escape such as `_x000D_` has seven characters. */
const RAW_CHARS_MAX = 7 * CELL_CHARS_MAX
/** All texts of one table. A cell of some bytes can name a string of 32,767 characters. */
const TABLE_CHARS_MAX = 2 ** 30

/** Takes the rows of a sheet out of its XML. The first row holds the names of the columns. */
export class SheetHandler implements XmlHandler {
  /** Null until the first row has been read. */
  columns: readonly string[] | null = null
  rows: TableRow[] = []
  /** The characters of `rows`. */
  chars = 0
  readonly #context: CellContext
  readonly #path: string[] = []
  #row = 0
  #cells = new Map<number, string>()
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

  /** Gives the rows since the last call. */
  takeRows (): TableRow[] {
    const rows = this.rows
    this.rows = []
    this.chars = 0
    return rows
  }

  #isInRow (): boolean {
    return this.#path[2] === 'row' && this.#path[1] === 'sheetData'
  }

  /** Whether the parser is in `v`, in `is/t` or in `is/r/t` of a cell. Phonetic texts and formulas are left out. */
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
    this.#column = -1
    this.#cells.clear()
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
    const text = cellText(this.#type, this.#style, this.#text, this.#context)
    this.#text = ''
    if (text === '') return
    if (this.#cells.has(this.#column)) throw notAWorkbook('a cell is there twice')
    this.#cells.set(this.#column, text)
  }

  #closeRow (): void {
    if (this.columns === null) return this.#takeHeader()
    if (this.#cells.size === 0) return
    const row = new RowCells(this.#row)
    for (const [column, text] of this.#cells) {
      row.add(this.columns[column] ?? '', text)
      this.chars += text.length
      this.#total += text.length
    }
    if (this.#total > TABLE_CHARS_MAX) throw overLimit(`The table has more than ${TABLE_CHARS_MAX} characters.`)
    this.rows.push({ number: this.#row, cells: row.cells })
  }

  #takeHeader (): void {
    if (this.#row > 1) throw noTable('The first row of the sheet must hold the names of the columns.')
    const names: string[] = []
    for (const [column, text] of this.#cells) {
      if (text.length > CELL_CHARS_MAX) throw tooLong(1)
      names[column] = text
    }
    this.columns = takeHeader(Array.from(names, name => name ?? ''))
  }
}

function tooLong (row: number): Error {
  return overLimit(`Row ${row} has a cell of more than ${CELL_CHARS_MAX} characters.`)
}
