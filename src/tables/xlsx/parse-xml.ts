import { AppError } from '../../errors/app-error.ts'
import { decoded } from '../../streaming/decoded-text.ts'
import { notAWorkbook } from './open-zip.ts'
import { NOT_WHOLE, XmlScanner, type Attributes } from './xml-scanner.ts'

const UTF16_LE = 'utf-16le'
const UTF16_BE = 'utf-16be'

/** Names of elements come without their prefix (`row` for `x:row`), which differs between programs. */
export interface XmlHandler {
  /** Gets each piece of the document before `open`, `close` and `text` are called for what is in it. */
  piece?: (text: string) => void
  /** `depth` is 1 for the root element. The tag is from `start` to before `end`, in characters of the part. */
  open: (name: string, attributes: Attributes, depth: number, start: number, end: number) => void
  close: (name: string, depth: number, start: number, end: number) => void
  text: (text: string) => void
  /** May read the whole element at `at`. Gives the index after it; NOT_WHOLE: the scanner must read the element. */
  readElement?: (text: string, at: number) => number
}

/**
 * Calls the handler for each element and text of an XML part. Elements that `readElement` reads are left out. Yields
 * after each piece, so that whoever iterates can pass on what the handler has. Throws 422 for text that is not
 * well-formed, a document type, and an encoding other than UTF-8 and UTF-16, and 413 over a limit.
 */
export async function * parseXml (part: AsyncIterable<Buffer>, handler: XmlHandler): AsyncGenerator<void, void, void> {
  let depth = 0
  const scanner = new XmlScanner({
    open: (name, attributes, start, end) => {
      depth += 1
      handler.open(localName(name), attributes, depth, start, end)
    },
    close: (name, start, end) => {
      handler.close(localName(name), depth, start, end)
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

export async function parseWhole (part: AsyncIterable<Buffer>, open: XmlHandler['open']): Promise<void> {
  await finish(parseXml(part, { open, close: () => {}, text: () => {} }))
}

/** Parses the rest of a part. `pieces` is what `parseXml` gave. */
export async function finish (pieces: AsyncGenerator<void, void, void>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

/** Gives the value of an attribute, whatever its prefix: for `id` that of `id`, or else that of `r:id` or `x:id`. */
export function attribute (attributes: Attributes, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name]
  const found = Object.keys(attributes).find(one => localName(one) === name)
  return found === undefined ? undefined : attributes[found]
}

function localName (name: string): string {
  const at = name.indexOf(':')
  return at === -1 ? name : name.slice(at + 1)
}

/**
 * Decodes a part. It is UTF-16 if the first two bytes are a byte order mark or a `<` of UTF-16. Every other part must
 * be UTF-8.
 */
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
    // `decoded` throws MALFORMED_BODY (400), and TextDecoder throws TypeError. For a workbook that is 422.
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
