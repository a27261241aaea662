/** The most levels of a JSON value. The deepest value that Connect documents has 5. */
const MAX_DEPTH = 32
/** The most elements of one list or members of one object. No call to Connect asks for more than 1,000 rows. */
const MAX_ELEMENTS = 10_000
/**
 * The most values in one text. A page of 1,000 records has some 60,000, and three more for each own column of a record.
 */
const MAX_VALUES = 500_000
/** A text may have this many values, and one for each eight bytes. A value of Connect has a name: 13 bytes or more. */
const SPARE_VALUES = 10_000

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c

/** For each level: the commas of the list or object that is open there. */
const commas = new Int32Array(MAX_DEPTH + 1)

/**
 * Tells which bound a JSON text in UTF-8 exceeds; null for none. Call it before JSON.parse: a hostile text of 16 MiB
 * takes the parser seconds and a gigabyte, and a deep value overflows the stack of JSON.stringify. This takes a
 * microsecond for an object and 80 for a page of 100 records, a sixth of the parser's time. A text that is not JSON is
 * read as JSON up to its first error, where the parser stops too. `maxElements` bounds each list and each object.
 */
export function exceededBound (text: Uint8Array, maxElements = MAX_ELEMENTS): 'too-deep' | 'too-many' | null {
  let depth = 0
  let values = 0
  const maxValues = Math.min(MAX_VALUES, SPARE_VALUES + text.length / 8)
  commas[0] = 0
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case COMMA: {
        const count = (commas[depth] ?? 0) + 1
        commas[depth] = count
        values += 1
        if (count >= maxElements || values > maxValues) return 'too-many'
        break
      }
      case 0x5b: // [
      case 0x7b: // {
        depth += 1
        values += 1
        if (depth > MAX_DEPTH) return 'too-deep'
        if (values > maxValues) return 'too-many'
        commas[depth] = 0
        break
      case 0x5d: // ]
      case 0x7d: // }
        if (depth > 0) depth -= 1
        break
    }
  }
  return null
}

/** Gives the index of the closing quote, or the length of the text. */
function endOfString (text: Uint8Array, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const byte = text[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at += 1
  }
  return text.length
}
