import {
  BATCH_ROWS, CATEGORIES_MAX, CELL_CHARS_MAX, noTable, overLimit, quote, type Cells, type Table, type TableRow
} from '../table.ts'
import { unescapeCell, type CellContext } from './cell-text.ts'
import { openZip, type Archive } from './open-zip.ts'
import { finish, parseXml } from './parse-xml.ts'
import { SheetHandler } from './read-sheet.ts'
import { SharedStrings } from './shared-strings.ts'
import { readWorkbookParts, sheetPath, type WorkbookParts } from './workbook-parts.ts'

/** The reader ends a batch of rows when their cells have so many characters or more. */
const BATCH_CHARS = 1_048_576
const CATEGORIES = 'categories'

export interface XlsxTable extends Table {
  /** Closes the temporary file with the shared strings. Must be called exactly once, also after an error of `rows`. */
  close: () => void
}

/**
 * Opens a sheet of a workbook, and reads the categories. The file stays open. Throws 422 for a file that is no
 * workbook, 400 for a sheet that is missing or is no table, and 413 over a limit. `rows` throws the same errors.
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
 * Gives what is needed to read the cells of a workbook. `close` closes the temporary file with the shared strings, and
 * must be called exactly once.
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

async function readSheet (
  archive: Archive, path: string, context: CellContext
): Promise<Pick<Table, 'columns' | 'rows'>> {
  const handler = new SheetHandler(context)
  const pieces = parseXml(archive.read(path), handler)
  while (handler.columns === null) {
    if ((await pieces.next()).done === true) break
  }
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
 * Adds the shared strings of a part to `strings`: elements `si`, with the text in `t` or, with formatting, in `r/t`.
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
        strings.add(unescapeCell(text))
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
