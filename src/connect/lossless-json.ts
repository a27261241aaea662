/**
 * Parses JSON and keeps all digits of chosen members. JSON.parse makes doubles, but an amount may have 17 digits before
 * the point and 8 after it. So the number literals of these members are put into quotes before, and become strings.
 *
 * A search is enough; no tokenizer is needed. In valid JSON a quote opens a string, closes a string, or is escaped. A
 * quote before a letter closes no string, and a quote without a backslash before it is not escaped. So `"amount"`
 * without a backslash before it is a whole string, and with a colon after it the name of a member. In invalid JSON the
 * same is true up to the first error, where JSON.parse throws.
 */

const JSON_NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** No decimal column has larger exponents. Written out they would take memory for nothing. */
const MAX_EXPONENT = 400

/** Escapes of letters, which a member's name may hold. */
const ESCAPED_LETTER = /\\u00[4-7]/

/** Makes the reader for these member names (letters and underscores only). */
export function createLosslessReader (names: readonly string[]): (text: string) => unknown {
  const quoted = createDecimalQuoter(names)
  return (text) => JSON.parse(quoted(text))
}

/** Makes a function that puts the number literals of these members into quotes. */
export function createDecimalQuoter (names: readonly string[]): (text: string) => string {
  const member = new RegExp(`(?<!\\\\)"(?:${names.join('|')})"\\s*:\\s*(-?\\d[\\d.eE+-]*)`, 'g')
  return (text) => (ESCAPED_LETTER.test(text) ? withoutEscapedLetters(text) : text).replace(member, quoteLiteral)
}

function quoteLiteral (member: string, literal: string): string {
  const decimal = plainDecimal(literal)
  return decimal === null ? member : `${member.slice(0, -literal.length)}"${decimal}"`
}

/** Gives the same number without an exponent. Null for a text that is no JSON number, or over MAX_EXPONENT. */
export function plainDecimal (literal: string): string | null {
  const parts = JSON_NUMBER.exec(literal)
  if (parts === null) return null
  const [, sign = '', whole = '', fraction = '', power] = parts
  if (power === undefined) return literal
  const exponent = Number(power)
  if (Math.abs(exponent) > MAX_EXPONENT) return null
  const digits = whole + fraction
  const point = whole.length + exponent
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const padded = digits.padEnd(point, '0')
  const integer = padded.slice(0, point).replace(/^0+(?=\d)/, '')
  const rest = padded.slice(point)
  return rest === '' ? sign + integer : `${sign}${integer}.${rest}`
}

/** Replaces the escapes in strings that are plain words then. All other strings stay as they are. */
function withoutEscapedLetters (text: string): string {
  const reveal = (_: string, hex: string): string => String.fromCharCode(parseInt(hex, 16))
  return text.replace(/"(?:[^"\\]|\\.)*"/gs, (string) => {
    if (!ESCAPED_LETTER.test(string)) return string
    const revealed = string.replace(/\\u00([4-7][0-9a-f])/gi, reveal)
    return /^"\w+"$/.test(revealed) ? revealed : string
  })
}
