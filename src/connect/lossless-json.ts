/**
 * Reads JSON without losing digits of chosen members. JSON.parse makes doubles, and an amount may have 17 digits before
 * the point and 8 after it. So the literals of those members are put into quotes first and arrive as strings.
 *
 * Why a search suffices where a tokenizer seems due: in valid JSON a quote opens a string, closes one, or is escaped.
 * One that is directly followed by a letter cannot be a closing quote, and one that no backslash precedes cannot be an
 * escaped quote; so `"amount"` without a backslash before it is a whole string, and with a colon after it a member's
 * name. In text that is not valid JSON the same holds up to the first fault, at which JSON.parse stops all the same.
 */

const JSON_NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/** Exponents beyond this come from no decimal column; written out they would only eat memory. */
const MAX_EXPONENT = 400

/** The escapes by which a member's name could hide its letters. */
const ESCAPED_LETTER = /\\u00[4-7]/

/** Makes the reader for one set of member names (letters and underscores only). */
export function createLosslessReader (names: readonly string[]): (text: string) => unknown {
  const quoted = createDecimalQuoter(names)
  return (text) => JSON.parse(quoted(text))
}

/** The text with the literals of these members in quotes; the same text when there are none. */
export function createDecimalQuoter (names: readonly string[]): (text: string) => string {
  const member = new RegExp(`(?<!\\\\)"(?:${names.join('|')})"\\s*:\\s*(-?\\d[\\d.eE+-]*)`, 'g')
  return (text) => (ESCAPED_LETTER.test(text) ? withoutEscapedLetters(text) : text).replace(member, quoteLiteral)
}

function quoteLiteral (member: string, literal: string): string {
  const decimal = plainDecimal(literal)
  return decimal === null ? member : `${member.slice(0, -literal.length)}"${decimal}"`
}

/** The same number without an exponent, digit for digit; null for what is not a JSON number. */
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

/** Rewrites only whole strings that are plain words in disguise; all else stays byte for byte. */
function withoutEscapedLetters (text: string): string {
  const reveal = (_: string, hex: string): string => String.fromCharCode(parseInt(hex, 16))
  return text.replace(/"(?:[^"\\]|\\.)*"/gs, (string) => {
    if (!ESCAPED_LETTER.test(string)) return string
    const revealed = string.replace(/\\u00([4-7][0-9a-f])/gi, reveal)
    return /^"\w+"$/.test(revealed) ? revealed : string
  })
}
