import { AppError } from '../../errors/app-error.ts'
import { decoded } from '../../streaming/decoded-text.ts'
import { notAWorkbook } from './open-zip.ts'
import { NOT_WHOLE, XmlScanner, type Attributes } from './xml-scanner.ts'

const UTF16_LE = 'utf-16le'
const UTF16_BE = 'utf-16be'

/** Gets the elements of a document. Their names have no prefix, so that prefixed and strict workbooks look alike. */
export interface XmlHandler {
  /** Gets each piece of the part before its elements. */
  piece?: (text: string) => void
  /** `depth` is 1 for the root. `end` is the place in the text of the part where the tag ends. */
  open: (name: string, attributes: Attributes, depth: number, end: number) => void
  close: (name: string, depth: number, end: number) => void
  text: (text: string) => void
  /** As in `XmlEvents`. */
  readElement?: (text: string, at: number) => number
}

/**
 * Parses a part of a workbook. Calls the handler as the elements come, and yields after each piece of some kilobytes,
 * so that the reader can pass on what it has. Throws 422 for what is not well-formed, for a document type, and for
 * another encoding than UTF-8 and UTF-16; 413 for a tag, a text or a depth over its limit.
 */
export async function * parseXml (part: AsyncIterable<Buffer>, handler: XmlHandler): AsyncGenerator<void, void, void> {
  let depth = 0
  const scanner = new XmlScanner({
    open: (name, attributes, end) => {
      depth += 1
      handler.open(localName(name), attributes, depth, end)
    },
    close: (name, end) => {
      handler.close(localName(name), depth, end)
      depth -= 1
    },
    text: (text) => { handler.text(text) },
    readElement: (text, at) => handler.readElement?.(text, at) ?? NOT_WHOLE
  })
  for await (const piece of texts(part)) {
    handler.piece?.(piece)
    scanner.write(piece)
    yield
  }
  scanner.end()
}

/** Parses a small part to its end, and calls `open` for each element. Throws as `parseXml`. */
export async function parseWhole (part: AsyncIterable<Buffer>, open: XmlHandler['open']): Promise<void> {
  await finish(parseXml(part, { open, close: () => {}, text: () => {} }))
}

/** Runs `parseXml` to the end, for a handler that keeps what it takes. */
export async function finish (pieces: AsyncGenerator<void, void, void>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

/** Gives an attribute, with any prefix or none: strict and prefixed workbooks write `r:id` in several ways. */
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
    // The decoder throws 400 for text in another encoding. In a workbook that is 422.
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
