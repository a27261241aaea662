/** The most levels of objects and lists inside each other. The deepest JSON text that Connect documents has 5. */
const MAX_DEPTH = 32
/**
 * The most elements of a list or members of an object. No call to Connect asks for more than 1,000 rows of a list, or
 * closes more than 10,000 records.
 */
const MAX_ELEMENTS = 10_000
/** The most values in a text, at all levels. A page of 1,000 usage records has some 60,000. */
const MAX_VALUES = 500_000
/**
 * The values that a text may have in addition to one for each eight bytes. In Connect's texts the average value has 13
 * bytes or more.
 */
const SPARE_VALUES = 10_000

const QUOTE = 0x22
const COMMA = 0x2c
const BACKSLASH = 0x5c

const commas = new Int32Array(MAX_DEPTH + 1)

/**
 * Tells which bound a JSON text in UTF-8 exceeds first; null for none. Is called before JSON.parse, which may need
 * seconds and a gigabyte for a hostile text of 16 MiB. Does not check that the text is JSON. `separators` gets the
 * index of each comma between the elements of the outermost list or object.
 */
export function exceededBound (
  text: Uint8Array, maxElements = MAX_ELEMENTS, separators: number[] = []
): 'too-deep' | 'too-many' | null {
  let depth = 0
  let values = 0
  const { length } = text
  const maxValues = Math.min(MAX_VALUES, SPARE_VALUES + length / 8)
  commas[0] = 0
  for (let at = 0; at < length; at += 1) {
    const byte = text[at]
    if (byte === QUOTE) {
      at = endOfString(text, at)
    } else if (byte === COMMA) {
      const count = (commas[depth] ?? 0) + 1
      commas[depth] = count
      values += 1
      if (depth === 1) separators.push(at)
      if (count >= maxElements || values > maxValues) return 'too-many'
    } else if (byte === 0x5b || byte === 0x7b) { // [ {
      depth += 1
      values += 1
      if (depth > MAX_DEPTH) return 'too-deep'
      if (values > maxValues) return 'too-many'
      commas[depth] = 0
    } else if ((byte === 0x5d || byte === 0x7d) && depth > 0) { // ] }
      depth -= 1
    }
  }
  return null
}

function endOfString (text: Uint8Array, start: number): number {
  const { length } = text
  for (let at = start + 1; at < length; at += 1) {
    const byte = text[at]
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) at += 1
  }
  return length
}
