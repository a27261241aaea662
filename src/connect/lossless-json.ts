/**
 * Parses JSON and keeps the exact digits of numbers in chosen members and in ids. JSON.parse makes doubles, but an
 * amount may have 17 digits before the point and 8 after it, and an id may be a number beyond 2^53. So these numbers
 * are put into quotes before the parse.
 * A regular expression is enough. In valid JSON, a quote without a backslash before it and with a letter after it opens
 * a string, so `"amount":` is the name of a member. In invalid JSON the same is true up to the first error, where
 * JSON.parse throws. The text has up to 16 MiB, so no pattern may read a character more than a few times.
 */

/** Some numbers with 10,000 digits or more in one part do not match. JSON.parse makes doubles of these numbers. */
const NUMBER = '-?(?:0|[1-9]\\d{0,9999})(?:\\.\\d{1,9999})?(?:[eE][+-]?\\d{1,9999})?(?![\\d.eE+-])'

/** `mpn` is the id that a vendor gives an item. */
const ID_MEMBER = new RegExp(`((?<!\\\\)"(?:(?:\\w{1,40}_)?u?id|mpn)"\\s*:\\s*)(${NUMBER})`, 'g')

/** Shows whether ID_MEMBER is needed: few texts have a number as an id, because Connect's own ids are strings. */
const NUMERIC_ID = /["_](?:u?id|mpn)"\s*:\s*-?\d/

/** The JSON escape of a character from U+0040 to U+007F, such as `\u0061` for `a`. Letters and `_` lie there. */
const ESCAPED_LETTER = /\\u00([4-7][0-9a-fA-F])/

const EVERY_ESCAPED_LETTER = new RegExp(ESCAPED_LETTER, 'g')

/** A string with an escaped letter may be the name of a member. The bounds of 40 limit the work for hostile texts. */
const DISGUISED_WORD = /(?<!\\)"\w{0,40}(?:\\u00[4-7][0-9a-fA-F]\w{0,40}){1,40}"/g

/** The names have letters and underscores only. The reader gives numbers in these members, and in ids, as strings. */
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

/** `"\u0061mount"` becomes `"amount"`. Gives the string unchanged when the result would not be a word. */
function reveal (string: string): string {
  const revealed = string.replace(EVERY_ESCAPED_LETTER, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
  return /^"\w+"$/.test(revealed) ? revealed : string
}
