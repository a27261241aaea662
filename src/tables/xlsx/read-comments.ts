import { overLimit } from '../table.ts'
import { unescapeCell } from './cell-text.ts'
import { openZip } from './open-zip.ts'
import { finish, parseXml } from './parse-xml.ts'
import { parseReference } from './cell-addresses.ts'
import { readRelations, readWorkbookParts, sheetPath } from './workbook-parts.ts'

/** `row` counts from 1, and `column` from 0. `cell` names the cell, such as `B12`. */
export interface Comment { row: number, column: number, cell: string, text: string }

/** The most characters of all comments of a sheet together. They are held in memory. */
const COMMENTS_CHARS_MAX = 32 * 1024 ** 2

/**
 * Gives the comments on the cells of a sheet, in the order of the cells. Gives none if there is no such sheet. Throws
 * 422 for a file that is no workbook, and 413 over a limit.
 */
export async function readComments (fd: number, sheet = 'records'): Promise<Comment[]> {
  const archive = await openZip(fd)
  const path = sheetPath(await readWorkbookParts(archive), sheet)
  if (path === null) return []
  const relations = await readRelations(archive, path)
  const part = [...relations.values()].find(({ type }) => type === 'comments')?.path
  if (part === undefined || !archive.has(part)) return []
  const handler = new CommentsHandler()
  await finish(parseXml(archive.read(part), handler))
  return handler.comments.sort((a, b) => a.row - b.row || a.column - b.column)
}

/** Reads `comments/commentList/comment`. Its text is in `text/t` and, with formatting, in `text/r/t`. */
class CommentsHandler {
  readonly comments: Comment[] = []
  readonly #path: string[] = []
  #cell = ''
  #text = ''
  #chars = 0

  open (name: string, attributes: Readonly<Record<string, string>>, depth: number): void {
    this.#path[depth - 1] = name
    this.#path.length = depth
    if (!this.#isComment()) return
    this.#cell = attributes['ref'] ?? ''
    this.#text = ''
  }

  text (text: string): void {
    const path = this.#path
    const isText = path[2] === 'comment' && path[3] === 'text' && path.at(-1) === 't' &&
      (path.length === 5 || (path.length === 6 && path[4] === 'r'))
    if (!isText) return
    this.#chars += text.length
    if (this.#chars > COMMENTS_CHARS_MAX) {
      throw overLimit(`The comments of the workbook have more than ${COMMENTS_CHARS_MAX} characters.`)
    }
    this.#text += text
  }

  close (_name: string, depth: number): void {
    const place = this.#isComment() ? parseReference(this.#cell) : null
    if (place !== null) {
      this.comments.push({ ...place, cell: this.#cell.toUpperCase(), text: unescapeCell(this.#text).trim() })
    }
    this.#path.length = depth - 1
  }

  #isComment (): boolean {
    return this.#path.length === 3 && this.#path[2] === 'comment' && this.#path[1] === 'commentList'
  }
}
