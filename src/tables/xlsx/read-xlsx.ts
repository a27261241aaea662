import {
  BATCH_ROWS, CATEGORIES_MAX, CELL_CHARS_MAX, noTable, overLimit, quote, type Cells, type Table, type TableRow
} from '../table.ts'
import { unescape, type CellContext } from './cell-text.ts'
import { openZip, type Archive } from './open-zip.ts'
import { finish, parseXml } from './parse-xml.ts'
import { SheetHandler } from './read-sheet.ts'
import { SharedStrings } from './shared-strings.ts'
import { readWorkbookParts, sheetPath, type WorkbookParts } from './workbook-parts.ts'

/** The number of characters in cells from which on the reader ends a batch of rows. */
const BATCH_CHARS = 1_048_576
const CATEGORIES = 'categories'

export interface XlsxTable extends Table {
  /** Closes the temporary file with the shared strings. Must be called exactly once, also after an error of `rows`. */
  close: () => void
}

/**
 * Opens a sheet of the workbook in an open file, and reads the sheet `categories`, if there is one. The file stays
 * open. Throws 422 for a file that is no workbook or a damaged one, 400 for a workbook without the sheet, for a header
 * that `takeHeader` refuses and for a value in a column without a name, and 413 over a limit. To read the rows throws
 * the same.
 */
export async function readXlsx (fd: number, sheet = 'records'): Promise<XlsxTable> {
  const archive = await openZip(fd)
  const parts = await readWorkbookParts(archive)
  const path = sheetPath(parts, sheet)
  if (path === null) {
    const names = parts.sheets.slice(0, 20).map(({ name }) => quote(name)).join(', ')
    throw noTable(`The workbook has no sheet ${quote(sheet)}. Its sheets are: ${names}.`)
  }
  const { context, close } = await readCellContext(archive, parts)
  try {
    const categories = await readCategories(archive, parts, context, path)
    return { ...await readSheet(archive, path, context), categories: () => categories, close }
  } catch (error) {
    close()
    throw error
  }
}

/**
 * Reads what is needed to read cells: the shared strings, the styles for dates, and whether dates count from 1904.
 * `close` closes the temporary file with the strings, and must be called exactly once.
 */
export async function readCellContext (
  archive: Archive, parts: WorkbookParts
): Promise<{ context: CellContext, close: () => void }> {
  const strings = parts.strings === null ? null : new SharedStrings()
  const close = (): void => { strings?.close() }
  try {
    if (parts.strings !== null) await readStrings(archive, parts.strings, strings!)
  } catch (error) {
    close()
    throw error
  }
  return { context: { strings, is1904: parts.is1904, dateStyles: parts.dateStyles }, close }
}

/** Reads the header of a sheet. Gives its columns, and its rows in batches. Throws 400 for a sheet without a row. */
async function readSheet (
  archive: Archive, path: string, context: CellContext
): Promise<Pick<Table, 'columns' | 'rows'>> {
  const handler = new SheetHandler(context)
  const pieces = parseXml(archive.read(path), handler)
  while (handler.columns === null) {
    if ((await pieces.next()).done === true) break
  }
  // The last piece of the sheet may have the header, so `columns` is looked at once more.
  const columns = handler.columns as readonly string[] | null
  if (columns === null) throw noTable('The sheet is empty. Its first row must hold the names of the columns.')
  return {
    columns,
    rows: (async function * () {
      while ((await pieces.next()).done !== true) {
        if (handler.rows.length >= BATCH_ROWS || handler.chars >= BATCH_CHARS) yield handler.takeRows()
      }
      yield handler.takeRows()
    })()
  }
}

async function readCategories (
  archive: Archive, parts: WorkbookParts, context: CellContext, tablePath: string
): Promise<readonly Cells[]> {
  const path = sheetPath(parts, CATEGORIES)
  if (path === null || path === tablePath) return []
  const handler = new SheetHandler(context)
  const rows: TableRow[] = []
  const pieces = parseXml(archive.read(path), handler)
  while ((await pieces.next()).done !== true) {
    rows.push(...handler.takeRows())
    if (rows.length > CATEGORIES_MAX) throw overLimit(`There are more than ${CATEGORIES_MAX} categories.`)
  }
  return [...rows, ...handler.takeRows()].map(({ cells }) => cells)
}

/**
 * Reads the part with the shared strings, and adds each to `strings`. A string is an element `si`, with its text in `t`
 * or, with formatting, in `r/t`. Throws 413 for a string that is too long.
 */
async function readStrings (archive: Archive, path: string, strings: SharedStrings): Promise<void> {
  const names: string[] = []
  let text = ''
  const isText = (): boolean => names[1] === 'si' && names.at(-1) === 't' &&
    (names.length === 3 || (names.length === 4 && names[2] === 'r'))
  const parsed = parseXml(archive.read(path), {
    open: (name, _, depth) => {
      names[depth - 1] = name
      names.length = depth
    },
    close: (name, depth) => {
      if (depth === 2 && name === 'si') {
        strings.add(unescape(text))
        text = ''
      }
      names.length = depth - 1
    },
    text: (piece) => {
      if (!isText()) return
      text += piece
      if (text.length > 7 * CELL_CHARS_MAX) throw overLimit(`A string has more than ${CELL_CHARS_MAX} characters.`)
    }
  })
  await finish(parsed)
}
