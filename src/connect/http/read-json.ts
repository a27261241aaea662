import { isAscii, isUtf8 } from 'node:buffer'
import { exceededBound } from '../../limits/json-bounds.ts'

/** Throws SyntaxError for a text that is not JSON. */
export type JsonReader = (text: string) => unknown

/** `too-deep`, `too-many`: above a bound of src/limits/json-bounds.ts. `json`: not UTF-8, or not valid JSON. */
export type JsonFault = 'too-deep' | 'too-many' | 'json'

/** A longer list is parsed in parts: for a text over 128 KiB V8 asks the system for memory, which takes long. */
const WHOLE_BYTES = 64 * 1024
const PART_BYTES = 32 * 1024

const OPENING_BRACKET = 0x5b
const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/**
 * Gives the value of a JSON text, or why there is no value. Does not throw. A byte order mark may be before the text
 * (RFC 8259, 8.1).
 */
export function readJsonBytes (body: Buffer, readJson: JsonReader): { value: unknown } | { fault: JsonFault } {
  const bytes = body.subarray(body.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0)
  const separators: number[] = []
  const fault = exceededBound(bytes, undefined, separators)
  if (fault !== null) return { fault }
  const isLongList = bytes.length > WHOLE_BYTES && bytes[0] === OPENING_BRACKET
  try {
    return { value: isLongList ? readList(bytes, separators, readJson) : readJson(textOf(bytes)) }
  } catch {
    // The parser's error is dropped: it quotes the text.
    return { fault: 'json' }
  }
}

/**
 * `separators`: the index of each comma between two elements. Throws for all that JSON.parse would refuse in the whole
 * text: a list is valid when each part has an element and is valid as a list of its own.
 */
function readList (bytes: Buffer, separators: readonly number[], readJson: JsonReader): unknown[] {
  const elements: unknown[] = []
  let start = 1
  const readPart = (end: number, ending: string): void => {
    const part = readJson(`[${textOf(bytes.subarray(start, end))}${ending}`) as unknown[]
    if (part.length === 0 && separators.length > 0) throw new SyntaxError('A comma has no element beside it.')
    for (const element of part) elements.push(element)
    start = end + 1
  }
  for (const separator of separators) {
    if (separator - start >= PART_BYTES) readPart(separator, ']')
  }
  readPart(bytes.length, '')
  return elements
}

/** Gives a reader that also throws SyntaxError for a value with half of a surrogate pair, such as `\ud800`. */
export function ofWholeCharacters (readJson: JsonReader): JsonReader {
  return (text) => {
    const value = readJson(text)
    // JSON.stringify writes whole pairs as they are, and halves as escapes.
    const hasHalf = /\\ud[89a-f]/i.test(text) && /(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value))
    if (hasHalf) throw new SyntaxError('A text has half of a surrogate pair.')
    return value
  }
}

function textOf (bytes: Buffer): string {
  // Most responses are ASCII, and latin1 is the faster decoder.
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw new SyntaxError('The bytes are not UTF-8.')
  return bytes.toString('utf8')
}
