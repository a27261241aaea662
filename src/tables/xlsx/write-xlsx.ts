import { AppError } from '../../errors/app-error.ts'
import { ByteWriter } from '../byte-writer.ts'
import { noTable, overLimit, quote, ROWS_MAX, type Table, type TableRow, type TypeOfColumn } from '../table.ts'
import { cellFault, escapeCell } from './cell-text.ts'
import { boxesXml, commentsXml, RED_BORDER, STYLES, type CellComment } from './comment-parts.ts'
import { columnLetters } from './cell-addresses.ts'
import { writeZip, type ZipEntry } from './write-zip.ts'

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const SHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** A spelling of a number that may become a number in a cell. Others, such as 1e3 or 007, become texts. */
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
/** How many significant digits a number cell may have. Its type, a double, keeps each number with so many digits. */
const DOUBLE_DIGITS = 15
const DECIMAL_CHARS_MAX = 32
/** For a cell with a comment: the quote that closes its reference, and the style with a red border. */
const MARKED = `" s="${RED_BORDER}"`
const CHUNK_BYTES = 64 * 1024
/** What may need an escape or `xml:space`, or be forbidden: all characters that are not ASCII, and some others. */
// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const SPECIAL = /[\0-\x1f&<>\x7f-\uffff]|_x|^ | $/
/** The characters that XML does not allow. In the comments on cells they are replaced by U+FFFD. */
// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const NOT_IN_XML = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu

/** Gives the comments of a row by column. A cell with a comment also gets a red border, but not in the header. */
export interface Remarks {
  ofRow: (row: TableRow) => ReadonlyMap<string, string>
  /** Is called when all rows have been written. */
  ofHeader: () => ReadonlyMap<string, string>
}

/**
 * Gives a workbook with the sheet `records` and, if there are categories, the sheet `categories`. The table must know
 * its columns and categories before its rows. Equal tables with equal remarks give equal bytes. Throws 400 for a table
 * without columns and for a text that no workbook can hold, and 413 over a limit.
 */
export function writeXlsx (
  table: Table, typeOf: TypeOfColumn, remarks?: Remarks
): AsyncGenerator<Buffer, void, void> {
  const { columns, rows } = table
  if (columns.length === 0) throw noTable('The table has no columns.')
  const sheet = new SheetWriter(columns, typeOf, remarks)
  const sheets = [{ name: 'records', content: sheet.write(rows) }]
  const categories = table.categories()
  if (categories.length > 0) {
    const names = [...new Set(categories.flatMap(category => Object.keys(category)))]
    const lines = categories.map((cells, at) => ({ number: at + 2, cells }))
    sheets.push({ name: 'categories', content: new SheetWriter(names, () => 'text').write([lines]) })
  }
  return writeZip([
    // This entry is the first one, because some programs recognise a workbook by the name in its first bytes.
    part('[Content_Types].xml', contentTypes(sheets.length, remarks !== undefined)),
    part('_rels/.rels', relations([[`${DOCUMENT}/officeDocument`, 'xl/workbook.xml']])),
    part('xl/workbook.xml', workbookXml(sheets.map(({ name }) => name))),
    part('xl/_rels/workbook.xml.rels', relations([
      ...sheets.map((_, at) => [`${DOCUMENT}/worksheet`, sheetPath(at)] as const),
      ...(remarks === undefined ? [] : [[`${DOCUMENT}/styles`, 'styles.xml'] as const])
    ])),
    ...sheets.map(({ content }, at) => ({ name: `xl/${sheetPath(at)}`, content })),
    ...(remarks === undefined ? [] : commentEntries(sheet))
  ])
}

function part (name: string, text: string): ZipEntry {
  return { name, content: [Buffer.from(XML + text)] }
}

const sheetPath = (at: number): string => `worksheets/sheet${at + 1}.xml`

/** These parts come after the sheet `records`, because only then are all comments known. */
function commentEntries ({ comments }: SheetWriter): ZipEntry[] {
  return [
    part('xl/styles.xml', STYLES),
    part(`xl/worksheets/_rels/${sheetPath(0).split('/')[1]}.rels`, relations([
      [`${DOCUMENT}/comments`, '../comments1.xml'], [`${DOCUMENT}/vmlDrawing`, '../drawings/comments1.vml']
    ])),
    { name: 'xl/comments1.xml', content: withDeclaration(() => commentsXml(comments)) },
    { name: 'xl/drawings/comments1.vml', content: withDeclaration(() => boxesXml(comments)) }
  ]
}

async function * withDeclaration (content: () => Iterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  yield Buffer.from(XML)
  yield * content()
}

class SheetWriter {
  readonly comments: CellComment[] = []
  readonly #columns: readonly ColumnCells[]
  readonly #remarks: Remarks | undefined

  constructor (columns: readonly string[], typeOf: TypeOfColumn, remarks?: Remarks) {
    this.#columns = columns.map((name, at) => new ColumnCells(name, at, typeOf(name) === 'number'))
    this.#remarks = remarks
  }

  async * write (
    batches: AsyncIterable<readonly TableRow[]> | Iterable<readonly TableRow[]>
  ): AsyncGenerator<Buffer, void, void> {
    const out = new ByteWriter()
    out.write(`${XML}<worksheet xmlns="${MAIN}"><sheetData><row r="1">`)
    for (const column of this.#columns) column.writeText(out, column.name, '1')
    out.write('</row>')
    let number = 1
    for await (const batch of batches) {
      for (const row of batch) {
        number += 1
        if (number > ROWS_MAX + 1) throw overLimit(`The table has more than ${ROWS_MAX} rows.`)
        this.#writeRow(out, row, number)
        if (out.length >= CHUNK_BYTES) yield out.take()
      }
    }
    if (this.#remarks === undefined) out.write('</sheetData></worksheet>')
    else {
      this.#note(this.#remarks.ofHeader(), 1)
      out.write(`</sheetData><legacyDrawing xmlns:r="${DOCUMENT}" r:id="rId2"/></worksheet>`)
    }
    yield out.take()
  }

  #writeRow (out: ByteWriter, row: TableRow, number: number): void {
    const remarks = this.#remarks?.ofRow(row)
    if (remarks !== undefined && remarks.size > 0) this.#note(remarks, number)
    const digits = String(number)
    out.write('<row r="')
    out.write(digits)
    out.write('">')
    for (const column of this.#columns) {
      const value = row.cells[column.name]
      const isMarked = remarks?.has(column.name) === true
      if (value !== undefined) column.writeCell(out, value, digits, isMarked)
      else if (isMarked) column.writeMark(out, digits)
    }
    out.write('</row>')
  }

  #note (remarks: ReadonlyMap<string, string>, row: number): void {
    for (const [at, column] of this.#columns.entries()) {
      const text = remarks.get(column.name)
      if (text === undefined) continue
      const allowed = text.replace(NOT_IN_XML, '\ufffd')
      const place = { row, column: at, reference: `${column.letters}${row}` }
      this.comments.push({ ...place, text: column.escape(allowed, String(row)) })
    }
  }
}

/** Writes the XML of cells of one column. `row` is the number of the row, in digits. */
class ColumnCells {
  readonly name: string
  readonly letters: string
  readonly #isNumber: boolean
  readonly #start: string

  constructor (name: string, index: number, isNumber: boolean) {
    this.name = name
    this.letters = columnLetters(index)
    this.#isNumber = isNumber
    this.#start = `<c r="${this.letters}`
  }

  writeCell (out: ByteWriter, value: string, row: string, isMarked: boolean): void {
    if (!this.#isNumber || !isDouble(value)) return this.writeText(out, value, row, isMarked)
    out.write(this.#start)
    out.write(row)
    out.write(isMarked ? `${MARKED}><v>` : '"><v>')
    out.write(value)
    out.write('</v></c>')
  }

  writeText (out: ByteWriter, value: string, row: string, isMarked = false): void {
    out.write(this.#start)
    out.write(row)
    if (isMarked || SPECIAL.test(value)) {
      out.write(`${isMarked ? MARKED : '"'} t="inlineStr"><is><t xml:space="preserve">`)
      out.write(this.escape(value, row))
    } else {
      out.write('" t="inlineStr"><is><t>')
      out.write(value)
    }
    out.write('</t></is></c>')
  }

  /** Writes a cell with a red border and without a value. */
  writeMark (out: ByteWriter, row: string): void {
    out.write(this.#start)
    out.write(row)
    out.write(`${MARKED}/>`)
  }

  escape (value: string, row: string): string {
    const fault = cellFault(value)
    if (fault !== null) throw new AppError('VALIDATION_FAILED', `Row ${row}: ${quote(this.name)} ${fault}.`)
    return escapeCell(value)
  }
}

/** Whether a text is a number that a double holds with all its digits. Other numbers are written as texts. */
function isDouble (text: string): boolean {
  if (text.length > DECIMAL_CHARS_MAX || !DECIMAL.test(text)) return false
  return text.length <= DOUBLE_DIGITS || text.replace(/^-?[0.]*/, '').replace('.', '').length <= DOUBLE_DIGITS
}

const VML = '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'

function workbookXml (sheets: readonly string[]): string {
  const list = sheets.map((name, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`).join('')
  return `<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets>${list}</sheets></workbook>`
}

function relations (targets: ReadonlyArray<readonly [type: string, target: string]>): string {
  const list = targets.map(([type, target], at) =>
    `<Relationship Id="rId${at + 1}" Type="${type}" Target="${target}"/>`)
  return `<Relationships xmlns="${PACKAGE}/relationships">${list.join('')}</Relationships>`
}

function contentTypes (sheets: number, hasComments: boolean): string {
  const override = (path: string, type: string): string =>
    `<Override PartName="/xl/${path}" ContentType="${SHEET_TYPE}.${type}+xml"/>`
  return `<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    override('workbook.xml', 'sheet.main') +
    Array.from({ length: sheets }, (_, at) => override(sheetPath(at), 'worksheet')).join('') +
    (hasComments ? override('styles.xml', 'styles') + override('comments1.xml', 'comments') + VML : '') + '</Types>'
}
