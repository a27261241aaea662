import { noTable, overLimit, type TableRow } from '../table.ts'
import { escapeCell, type CellContext } from './cell-text.ts'
import { parseXml, type XmlHandler } from './parse-xml.ts'
import { SheetHandler } from './read-sheet.ts'
import { columnLetters, parseReference } from './cell-addresses.ts'
import type { Attributes } from './xml-scanner.ts'

/** The most characters of the XML of a row, which is in memory until the row ends. */
const ROW_XML_MAX = 4_194_304

export interface SheetPatch {
  /** The names of columns that are added to the header when the sheet does not have them. */
  columns: readonly string[]
  /** Is called once with the names of the sheet's columns, before `row`, and before columns are added. */
  header: (columns: readonly string[]) => void
  /** Gives the new texts of a row by column; null for a row that stays as is. Not called for rows without a value. */
  row: (row: TableRow) => ReadonlyMap<string, string> | null
}

/** `text` takes the place of the characters from `start` to before `end`, counted from the start of the part. */
interface Edit { start: number, end: number, text: string }

interface PlacedCell { column: number, start: number, end: number, style: string }

/**
 * Gives the XML of a sheet in UTF-8, with new texts in the cells that `patch` names. All else stays as it was written,
 * except the encoding in the XML declaration. Throws 400 or 422 for a sheet that is no table, and 413 over a limit.
 */
export async function * patchSheet (
  part: AsyncIterable<Buffer>, context: CellContext, patch: SheetPatch
): AsyncGenerator<Buffer, void, void> {
  const patcher = new SheetPatcher(context, patch)
  for await (const _piece of parseXml(part, patcher)) {
    void _piece
    const text = patcher.take()
    if (text !== '') yield Buffer.from(text)
  }
  if (!patcher.hasHeader) throw noTable('The sheet is empty. Its first row must hold the names of the columns.')
  yield Buffer.from(patcher.takeRest())
}

class SheetPatcher implements XmlHandler {
  readonly #reader: SheetHandler
  readonly #patch: SheetPatch
  /** `#text`: the XML that `take` has not given. `#base`: the place in the part where it begins, in characters. */
  #text = ''
  #base = 0
  /** The place after the last tag that was read, in characters from the start of the part. */
  #seen = 0
  #edits: Edit[] = []
  #isInData = false
  /** The place of the start tag of the row that is being read, in characters of the part; null outside rows. */
  #rowStart: number | null = null
  #cells: PlacedCell[] = []
  #names: readonly string[] | null = null

  constructor (context: CellContext, patch: SheetPatch) {
    this.#reader = new SheetHandler(context)
    this.#patch = patch
  }

  get hasHeader (): boolean {
    return this.#names !== null
  }

  piece (text: string): void {
    // The result is in UTF-8, so the XML declaration must name that encoding.
    const [, before = '', encoding = ''] = this.#base === 0 && this.#text === ''
      ? /^(\ufeff?<\?xml[^>]*?encoding\s*=\s*)("[^"]*"|'[^']*')/.exec(text) ?? []
      : []
    if (encoding !== '') {
      this.#edits.push({ start: before.length, end: before.length + encoding.length, text: '"UTF-8"' })
    }
    this.#text += text
    if (this.#text.length > ROW_XML_MAX) {
      throw overLimit(`A row of the sheet has more than ${ROW_XML_MAX} characters of XML.`)
    }
  }

  open (name: string, attributes: Attributes, depth: number, start: number, end: number): void {
    this.#reader.open(name, attributes, depth)
    this.#seen = end
    if (depth === 2) this.#isInData = name === 'sheetData'
    if (depth === 3 && this.#isInData && name === 'row') {
      this.#rowStart = start
      this.#cells = []
    }
    if (depth === 4 && this.#rowStart !== null && name === 'c') {
      const { r: reference, s: style = '' } = attributes
      const column = reference === undefined
        ? (this.#cells.at(-1)?.column ?? -1) + 1
        : parseReference(reference)?.column ?? -1
      this.#cells.push({ column, start, end, style })
    }
  }

  text (text: string): void {
    this.#reader.text(text)
  }

  close (name: string, depth: number, start: number, end: number): void {
    this.#reader.close(name, depth)
    this.#seen = end
    if (depth === 2) this.#isInData = false
    if (this.#rowStart === null) return
    const cell = this.#cells.at(-1)
    if (depth === 4 && name === 'c' && cell !== undefined) cell.end = end
    if (depth === 3) {
      this.#closeRow(start)
      this.#rowStart = null
    }
  }

  /** Gives the changed XML up to the row that is being read, or outside rows up to the last tag. */
  take (): string {
    return this.#takeUpTo(this.#rowStart ?? this.#seen)
  }

  takeRest (): string {
    return this.#takeUpTo(this.#base + this.#text.length)
  }

  #takeUpTo (end: number): string {
    let taken = ''
    let at = this.#base
    for (const edit of this.#edits) {
      taken += this.#text.slice(at - this.#base, edit.start - this.#base) + edit.text
      at = edit.end
    }
    taken += this.#text.slice(at - this.#base, end - this.#base)
    this.#text = this.#text.slice(end - this.#base)
    this.#base = end
    this.#edits = []
    return taken
  }

  #closeRow (closeTag: number): void {
    const [row] = this.#reader.takeRows()
    if (this.#names === null) {
      const { columns } = this.#reader
      if (columns === null) return
      this.#patch.header(columns)
      const added = this.#patch.columns.filter(name => !columns.includes(name))
      this.#names = [...columns, ...added]
      this.#edit(1, new Map(added.map(name => [name, name])), closeTag)
    } else if (row !== undefined) {
      const texts = this.#patch.row(row)
      if (texts !== null) this.#edit(row.number, texts, closeTag)
    }
  }

  #edit (row: number, texts: ReadonlyMap<string, string>, closeTag: number): void {
    // Some programs write the elements of a sheet with a prefix, such as `x:row`. New cells need the same prefix.
    const prefix = /^<([^\s:/>]+:)?/.exec(this.#text.slice(this.#rowStart! - this.#base))?.[1] ?? ''
    for (const [column, name] of this.#names!.entries()) {
      const text = texts.get(name)
      if (text === undefined) continue
      const old = this.#cells.find(cell => cell.column === column)
      const start = old?.start ?? this.#cells.find(cell => cell.column > column)?.start ?? closeTag
      const style = old === undefined || old.style === '' ? '' : ` s="${old.style}"`
      this.#edits.push({
        start,
        end: old?.end ?? start,
        text: `<${prefix}c r="${columnLetters(column)}${row}"${style} t="inlineStr"><${prefix}is>` +
          `<${prefix}t xml:space="preserve">${escapeCell(text)}</${prefix}t></${prefix}is></${prefix}c>`
      })
    }
  }
}
