/**
 * Parses JSON and keeps the exact digits of numbers in chosen members, and in all members that hold an id. JSON.parse
 * makes doubles, but an amount may have 17 digits before the point and 8 after it, and an id that a vendor chose may be
 * a number beyond 2^53. So the numbers of these members are put into quotes before the parse, and become strings.
 *
 * A regular expression is enough to find these members. In valid JSON a quote opens a string, closes a string, or is
 * escaped. A quote before a letter closes no string, and a quote without a backslash before it is not escaped. So
 * `"amount"` without a backslash before it is a whole string. With a colon after it, it is the name of a member. In
 * invalid JSON the same is true up to the first error, where JSON.parse throws.
 *
 * The text comes from Connect and has up to 16 MiB. No pattern here reads a character more than a few times.
 */

/**
 * The pattern of a JSON number. A number with more than 10,000 digits before the point, or more than 9,999 after it or
 * in its exponent, does not match and is parsed as a double. No decimal column of Connect has so many digits.
 */
const NUMBER = '-?(?:0|[1-9]\\d{0,9999})(?:\\.\\d{1,9999})?(?:[eE][+-]?\\d{1,9999})?(?![\\d.eE+-])'

/**
 * Finds numbers in members that hold an id: `id`, `uid`, names that end with `_id` or `_uid`, and `mpn`, the id that a
 * vendor gives an item.
 */
const ID_MEMBER = new RegExp(`((?<!\\\\)"(?:(?:\\w{1,40}_)?u?id|mpn)"\\s*:\\s*)(${NUMBER})`, 'g')

/** Finds texts that may hold a number as an id. Few texts do, because the ids of Connect itself are strings. */
const NUMERIC_ID = /["_](?:u?id|mpn)"\s*:\s*-?\d/

/**
 * Finds the JSON escape of a character from U+0040 to U+007F, such as `\u0061` for `a`. ASCII letters and the
 * underscore lie there.
 */
const ESCAPED_LETTER = /\\u00([4-7][0-9a-fA-F])/

const EVERY_ESCAPED_LETTER = new RegExp(ESCAPED_LETTER, 'g')

/**
 * Finds a JSON string of letters, digits, underscores and at least one escape that ESCAPED_LETTER finds. It may be a
 * member name that is written with escapes. The limits of 40 are far above the length of the names that are looked for.
 */
const DISGUISED_WORD = /(?<!\\)"\w{0,40}(?:\\u00[4-7][0-9a-fA-F]\w{0,40}){1,40}"/g

/**
 * Makes a JSON parser that gives the numbers in members of these names, and in ids, as strings with their exact digits.
 * The names have letters and underscores only. The parser throws SyntaxError for invalid JSON.
 */
export function createLosslessReader (names: readonly string[]): (text: string) => unknown {
  const quoted = createDecimalQuoter(names)
  return (text) => JSON.parse(quoted(text))
}

/** Makes a function that puts the numbers of a JSON text into quotes, in members of these names and in ids. */
export function createDecimalQuoter (names: readonly string[]): (text: string) => string {
  const member = new RegExp(`((?<!\\\\)"(?:${names.join('|')})"\\s*:\\s*)(${NUMBER})`, 'g')
  return (text) => {
    const plain = ESCAPED_LETTER.test(text) ? text.replace(DISGUISED_WORD, reveal) : text
    const withDecimals = names.length === 0 ? plain : plain.replace(member, '$1"$2"')
    return NUMERIC_ID.test(withDecimals) ? withDecimals.replace(ID_MEMBER, '$1"$2"') : withDecimals
  }
}

/**
 * Decodes the escapes of EVERY_ESCAPED_LETTER in a JSON string, with its quotes: `"\u0061mount"` becomes `"amount"`.
 * Gives the string unchanged when the result would hold anything but letters, digits and underscores.
 */
function reveal (string: string): string {
  const revealed = string.replace(EVERY_ESCAPED_LETTER, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return /^"\w+"$/.test(revealed) ? revealed : string
}
