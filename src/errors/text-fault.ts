// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSTORABLE = /[\0-\x08\x0b\x0c\x0e-\x1f]|\p{Surrogate}/u

/**
 * Why a text cannot be passed on to Connect, or null. JSON can say what a database (NUL, half a surrogate pair) or a
 * workbook (XML 1.0 allows no control characters but tab and line breaks) cannot keep.
 */
export function textFault (text: string): string | null {
  return UNSTORABLE.test(text)
    ? 'cannot hold control characters other than tab and line breaks, or half a character'
    : null
}
