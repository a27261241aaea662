/**
 * Parses JSON and keeps the number literals of chosen members, and of all members that hold an id. JSON.parse makes
 * doubles, but an amount may have 17 digits before the point and 8 after it, and an id that a vendor chose may be a
 * number beyond 2^53. So the literals of these members are put into quotes before the parse, and become strings.
 *
 * A search is enough; no tokenizer is needed. In valid JSON a quote opens a string, closes a string, or is escaped. A
 * quote before a letter closes no string, and a quote without a backslash before it is not escaped. So `"amount"`
 * without a backslash before it is a whole string, and with a colon after it the name of a member. In invalid JSON the
 * same is true up to the first error, where JSON.parse throws.
 *
 * The text comes from Connect and has up to 16 MiB. No pattern here reads a character more than a few times.
 */

/** A number of JSON. One of 10,000 digits and more stays a number: no decimal column has so many. */
const NUMBER = '-?(?:0|[1-9]\\d{0,9999})(?:\\.\\d{1,9999})?(?:[eE][+-]?\\d{1,9999})?(?![\\d.eE+-])'

/** `id`, `uid`, `external_id`, `asset_external_uid` and so on; `mpn` is the vendor's own id of an item. */
const ID_MEMBER = new RegExp(`((?<!\\\\)"(?:(?:\\w{1,40}_)?u?id|mpn)"\\s*:\\s*)(${NUMBER})`, 'g')

/** A quick check. Few texts match, because the ids of Connect itself are strings. */
const NUMERIC_ID = /(?:id|mpn)"\s*:\s*-?\d/

/** The escape of a character from U+0040 to U+007F. All letters and the underscore are among these. */
const ESCAPED_LETTER = /\\u00([4-7][0-9a-fA-F])/

const EVERY_ESCAPED_LETTER = new RegExp(ESCAPED_LETTER, 'g')

/** A string of letters, digits, underscores and such escapes. The names that are looked for are much shorter. */
const DISGUISED_WORD = /(?<!\\)"\w{0,40}(?:\\u00[4-7][0-9a-fA-F]\w{0,40}){1,40}"/g

/** Makes a reader of JSON for these member names (letters and underscores only). The reader throws SyntaxError. */
export function createLosslessReader (names: readonly string[]): (text: string) => unknown {
  const quoted = createDecimalQuoter(names)
  return (text) => JSON.parse(quoted(text))
}

/** Makes a function that puts the number literals of these members, and of ids, into quotes. */
export function createDecimalQuoter (names: readonly string[]): (text: string) => string {
  const member = new RegExp(`((?<!\\\\)"(?:${names.join('|')})"\\s*:\\s*)(${NUMBER})`, 'g')
  return (text) => {
    const plain = ESCAPED_LETTER.test(text) ? text.replace(DISGUISED_WORD, reveal) : text
    const withDecimals = names.length === 0 ? plain : plain.replace(member, '$1"$2"')
    return NUMERIC_ID.test(withDecimals) ? withDecimals.replace(ID_MEMBER, '$1"$2"') : withDecimals
  }
}

/** Gives a string of JSON without its escapes if only letters, digits and underscores are left; else unchanged. */
function reveal (string: string): string {
  const revealed = string.replace(EVERY_ESCAPED_LETTER, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return /^"\w+"$/.test(revealed) ? revealed : string
}
