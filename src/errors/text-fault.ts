/** The values of the parameter `charset`, in lower case, that name UTF-8 or its subset ASCII. */
export const UTF8_CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'ascii']

// eslint-disable-next-line no-control-regex -- the pattern must find control characters
const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f]|\p{Surrogate}/u

/**
 * Gives the reason why Connect cannot store a text, such as `cannot hold …`; null for a text without a fault. The XML
 * of a workbook cannot hold these control characters, and a database cannot store half a surrogate pair. JSON can hold
 * both as escapes such as `\u0001`.
 */
export function textFault (text: string): string | null {
  return UNSTORABLE.test(text)
    ? 'cannot hold control characters other than tab and line breaks, or half a character'
    : null
}
