/** The names of UTF-8 and of its subset ASCII, in lower case, as the parameter `charset` has them. */
export const UTF8_CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii']

// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f]|\p{Surrogate}/u

/**
 * Gives the reason why Connect cannot store a text, or null. JSON allows NUL and half a surrogate pair, which a
 * database cannot store, and control characters, which a workbook cannot hold: XML 1.0 allows only tab and line breaks.
 */
export function textFault (text: string): string | null {
  return UNSTORABLE.test(text)
    ? 'cannot hold control characters other than tab and line breaks, or half a character'
    : null
}
