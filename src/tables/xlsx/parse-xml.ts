import { SaxesParser } from 'saxes'
import { AppError } from '../../errors/app-error.ts'
import { decoded } from '../../streaming/decoded-text.ts'
import { overLimit } from '../table.ts'
import { notAWorkbook } from './open-zip.ts'

/** Workbooks have up to 10 levels; extensions have some more. */
const DEPTH_MAX = 64
/** The most characters of a tag, a text, or a comment: the parser holds them whole. */
const TOKEN_CHARS_MAX = 1_048_576
const UTF16_LE = 'utf-16le'
const UTF16_BE = 'utf-16be'

export type Attributes = Readonly<Record<string, string>>

/** Gets the elements of a document with names without prefix, so that prefixed and strict workbooks look alike. */
export interface XmlHandler {
  /** Gets each piece of the part before its elements. */
  piece?: (text: string) => void
  /** `depth` is 1 for the root. `end` is the place in the text of the part where the tag ends. */
  open: (name: string, attributes: Attributes, depth: number, end: number) => void
  close: (name: string, depth: number, end: number) => void
  text: (text: string) => void
}

/**
 * Parses a part of a workbook. Calls the handler as the elements come, and gives control back after each piece of some
 * kilobytes, so that the reader can pass on what it has. Throws 422 for what is not well-formed, for a document type,
 * and for another encoding than UTF-8 and UTF-16; 413 for a token or a depth over its limit.
 */
export async function * parseXml (part: AsyncIterable<Buffer>, handler: XmlHandler): AsyncGenerator<void, void, void> {
  const parser = new SaxesParser({ xmlns: false })
  let [depth, written, seen] = [0, 0, 0]
  const note = (): void => { seen = written }
  parser.on('error', (error) => { throw notAWorkbook('a part is not well-formed XML', error) })
  parser.on('doctype', () => { throw notAWorkbook('a part has a document type') })
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^(?:utf-?8|us-ascii|utf-?16(?:le|be)?)$/i.test(encoding)) {
      throw notAWorkbook('a part is not in UTF-8 or UTF-16')
    }
  })
  parser.on('comment', note)
  parser.on('processinginstruction', note)
  parser.on('opentag', ({ name, attributes }) => {
    note()
    depth += 1
    if (depth > DEPTH_MAX) throw overLimit(`A part of the workbook has more than ${DEPTH_MAX} levels.`)
    handler.open(localName(name), attributes, depth, parser.position)
  })
  parser.on('closetag', ({ name }) => {
    note()
    handler.close(localName(name), depth, parser.position)
    depth -= 1
  })
  const takeText = (text: string): void => {
    note()
    handler.text(text)
  }
  parser.on('text', takeText)
  parser.on('cdata', takeText)
  for await (const piece of texts(part)) {
    handler.piece?.(piece)
    parser.write(piece)
    written += piece.length
    if (written - seen > TOKEN_CHARS_MAX) {
      throw overLimit(`A part of the workbook has a text or a tag of more than ${TOKEN_CHARS_MAX} characters.`)
    }
    yield
  }
  parser.close()
}

/** Parses a small part whole. */
export async function parseWhole (part: AsyncIterable<Buffer>, open: XmlHandler['open']): Promise<void> {
  await finish(parseXml(part, { open, close: () => {}, text: () => {} }))
}

/** Parses up to the end: the handler takes all. */
export async function finish (pieces: AsyncGenerator<void, void, void>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

/** The value of an attribute, with any prefix or none: strict and prefixed workbooks write `r:id` in several ways. */
export function attribute (attributes: Attributes, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name]
  const found = Object.keys(attributes).find(one => localName(one) === name)
  return found === undefined ? undefined : attributes[found]
}

function localName (name: string): string {
  const at = name.indexOf(':')
  return at === -1 ? name : name.slice(at + 1)
}

/** Decodes a part. Its first two bytes tell UTF-16, with and without a byte order mark. */
async function * texts (part: AsyncIterable<Buffer>): AsyncGenerator<string, void, void> {
  const chunks = part[Symbol.asyncIterator]()
  let start = Buffer.alloc(0)
  while (start.length < 2) {
    const { value, done } = await chunks.next()
    if (done === true) break
    start = Buffer.concat([start, value as Buffer])
  }
  const whole = (async function * () {
    yield start
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value
  })()
  const utf16 = wideEncoding(start)
  try {
    yield * utf16 === null ? decoded(whole) : decodedWide(whole, utf16)
  } catch (error) {
    // The decoder knows nothing of workbooks.
    if (error instanceof AppError && error.code !== 'MALFORMED_BODY') throw error
    throw notAWorkbook('a part is not in the encoding that it names', error)
  }
}

function wideEncoding (start: Buffer): string | null {
  const mark = start.length < 2 ? 0 : start.readUInt16BE(0)
  if (mark === 0xfffe || mark === 0x3c00) return UTF16_LE
  return mark === 0xfeff || mark === 0x003c ? UTF16_BE : null
}

async function * decodedWide (part: AsyncIterable<Buffer>, encoding: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const chunk of part) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}
