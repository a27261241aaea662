/**
 * Removes secrets of known forms from texts. This is a second protection: logs and errors hold only listed values, but
 * an unexpected message may still hold a secret. Texts may be long, so every pattern needs linear time: no pattern
 * reads the same characters again from many start positions.
 */

/** Matches a value up to its end: in plain text, in a quoted string, in JSON, or in a JSON string inside JSON. */
const VALUE = '[^\\s"\'\\\\,;&<>]+'
const SPACE = '(?:\\s|%20|\\+)+'

/**
 * The question mark between an absolute address and its query. The address is checked from the question mark backwards,
 * at most to the previous question mark, so that no text is read twice.
 */
const QUERY = String.raw`\?(?<=https?:\/\/[^\s?"'\\<>]*\?)`

const SECRET_HEADERS = 'authorization|proxy-authorization|x-api-key|idempotency-key|cookie|set-cookie|api_?key'

type Replacement = string | ((found: string, ...groups: (string | undefined)[]) => string)

const SHAPES: readonly (readonly [RegExp, Replacement])[] = [
  [new RegExp(`\\bApiKey${SPACE}${VALUE}`, 'gi'), 'ApiKey [redacted]'],
  [new RegExp(`\\bSU-\\d[\\d-]*(?::|%3A)${VALUE}`, 'gi'), '[redacted]'],
  [new RegExp(`\\bBearer${SPACE}[\\w.~+/=%-]+`, 'gi'), 'Bearer [redacted]'],
  [/\bubff_[\w-]+/g, '[redacted]'],
  // A JWT (a signed token), found by its form: two parts that begin with `eyJ`, which is `{"` in base64url. The second
  // part is optional in the pattern, so that a long text without it is read only once; such a text stays.
  [/\beyJ[\w-]*(\.eyJ[\w-]+(?:\.[\w-]*)?)?/g, (found, rest) => rest === undefined ? found : '[redacted]'],
  // The user and the password in an address, for example in the URL of a store.
  [/:\/\/[^\s/@"'\\<>]+@/g, '://[redacted]@'],
  // The query of every absolute address: it may be that of a signed link of Google, Amazon or Azure.
  [new RegExp(`${QUERY}[^\\s"'\\\\<>]*`, 'gi'), '?[redacted]'],
  [
    new RegExp(
      `\\b(sig|signature|token|GoogleAccessId|AWSAccessKeyId|X-(?:Amz|Goog)-[\\w-]{1,40})(?:=|%3D)${VALUE}`,
      'gi'
    ),
    '$1=[redacted]'
  ],
  // The values of secret headers, in an object or in a list of names and values, also in JSON inside JSON.
  [new RegExp(`("(?:${SECRET_HEADERS})\\\\*"\\s*[:,]\\s*\\[?\\\\*")[^"\\\\]+`, 'gi'), '$1[redacted]']
]

/** Matches every text in which one of the SHAPES may match. Nearly all texts need no more than this search. */
const SUSPICIOUS = new RegExp(
  'api_?key|SU-\\d|bearer|ubff_|eyJ|:\\/\\/[^"\\s/@]+@|sig(?:nature)?(?:=|%3D)|token(?:=|%3D)|accesskeyid|' +
  `googleaccessid|x-(?:amz|goog|api)-|authorization|cookie|idempotency-key|${QUERY}`,
  'i'
)

/** Gives the text with every secret of a known form replaced by `[redacted]`. Valid JSON stays valid. */
export function scrub (text: string): string {
  if (!SUSPICIOUS.test(text)) return text
  // The cast is needed because the types of `replace` have no overload for both kinds of replacement.
  return SHAPES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement as string), text)
}
