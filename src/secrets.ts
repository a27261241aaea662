/**
 * Removes secrets of known forms from texts. Logs and errors hold only listed values. This is a second protection, for
 * a secret inside an unexpected message.
 *
 * Texts come from Connect and callers and may be long, so every pattern needs linear time: no pattern reads the same
 * characters again from many start positions.
 */

/** A value, up to its end in plain text, in a quoted string, in JSON, or in a JSON string inside JSON. */
const VALUE = '[^\\s"\'\\\\,;&<>]+'
const SPACE = '(?:\\s|%20|\\+)+'

/**
 * The question mark before the query of an absolute address. The lookbehind stands after the question mark, so that the
 * engine tries it at question marks only. It reads back to the question mark before at most: no text is read twice.
 */
const QUERY = String.raw`\?(?<=https?:\/\/[^\s?"'\\<>]*\?)`

const SECRET_HEADERS = 'authorization|proxy-authorization|x-api-key|idempotency-key|cookie|set-cookie|api_?key'

type Replacement = string | ((found: string, ...groups: (string | undefined)[]) => string)

const SHAPES: readonly (readonly [RegExp, Replacement])[] = [
  [new RegExp(`\\bApiKey${SPACE}${VALUE}`, 'gi'), 'ApiKey [redacted]'],
  [new RegExp(`\\bSU-\\d[\\d-]*(?::|%3A)${VALUE}`, 'gi'), '[redacted]'],
  [new RegExp(`\\bBearer${SPACE}[\\w.~+/=%-]+`, 'gi'), 'Bearer [redacted]'],
  [/\bubff_[\w-]+/g, '[redacted]'],
  // A JWT by its own shape: base64url of `{"`, twice. The group is optional so that a run without it is read once.
  [/\beyJ[\w-]*(\.eyJ[\w-]+(?:\.[\w-]*)?)?/g, (found, rest) => rest === undefined ? found : '[redacted]'],
  // A user and a password in an address, as a store's may have.
  [/:\/\/[^\s/@"'\\<>]+@/g, '://[redacted]@'],
  // Signed links of Google, Amazon and Azure differ in their parameters. No query of an absolute address is shown.
  [new RegExp(`${QUERY}[^\\s"'\\\\<>]*`, 'gi'), '?[redacted]'],
  [
    new RegExp(
      `\\b(sig|signature|token|GoogleAccessId|AWSAccessKeyId|X-(?:Amz|Goog)-[\\w-]{1,40})(?:=|%3D)${VALUE}`,
      'gi'
    ),
    '$1=[redacted]'
  ],
  // Headers dumped as an object or as a list of names and values, in JSON once or twice.
  [new RegExp(`("(?:${SECRET_HEADERS})\\\\*"\\s*[:,]\\s*\\[?\\\\*")[^"\\\\]+`, 'gi'), '$1[redacted]']
]

/** A quick check. Nearly all lines do not match, and need no further search. */
const SUSPICIOUS = new RegExp(
  'api_?key|SU-\\d|bearer|ubff_|eyJ|:\\/\\/[^"\\s/@]+@|sig(?:nature)?(?:=|%3D)|token(?:=|%3D)|accesskeyid|' +
  `googleaccessid|x-(?:amz|goog|api)-|authorization|cookie|idempotency-key|${QUERY}`,
  'i'
)

/** Gives the text with every secret of a known form replaced. Valid JSON stays valid. */
export function scrub (text: string): string {
  if (!SUSPICIOUS.test(text)) return text
  // The types of `replace` have no overload for both kinds of replacement.
  return SHAPES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement as string), text)
}
