/**
 * The known shapes of secrets in a text. Whoever prints something names what it prints; this is the last line of
 * defence behind that, for a secret inside a message that nobody expected there.
 */

/** Up to what ends a value in prose, in a quoted string, in JSON and in a JSON string inside JSON. */
const VALUE = '[^\\s"\'\\\\,;&<>]+'
const SPACE = '(?:\\s|%20|\\+)+'

const SHAPES: readonly [RegExp, string][] = [
  [new RegExp(`\\bApiKey${SPACE}${VALUE}`, 'gi'), 'ApiKey [redacted]'],
  [new RegExp(`\\bSU-\\d[\\d-]*(?::|%3A)${VALUE}`, 'gi'), '[redacted]'],
  [new RegExp(`\\bBearer${SPACE}[\\w.~+/=%-]+`, 'gi'), 'Bearer [redacted]'],
  [/\bubff_[\w-]+/g, '[redacted]'],
  // A JWT by its own shape: base64url of `{"`, twice.
  [/\beyJ[\w-]{1,500}\.eyJ[\w-]+(?:\.[\w-]*)?/g, '[redacted]'],
  // A password in an address, as a store's may have.
  [/(\b[a-z][a-z+.-]{1,20}:\/\/)[^\s/@"'\\<>]{1,500}@/gi, '$1[redacted]@'],
  // Signed links of Google, Amazon and Azure differ in their parameters; no query of an absolute address is ours to
  // show.
  [/(\bhttps?:\/\/[^\s?"'\\<>]{0,500})\?[^\s"'\\<>]*/gi, '$1?[redacted]'],
  [
    new RegExp(
      `\\b(sig|signature|token|GoogleAccessId|AWSAccessKeyId|X-(?:Amz|Goog)-[\\w-]{1,40})(?:=|%3D)${VALUE}`,
      'gi'
    ),
    '$1=[redacted]'
  ],
  // Headers dumped as an object or as a list of names and values, in JSON once or twice.
  [
    /("(?:authorization|proxy-authorization|x-api-key|idempotency-key|cookie|set-cookie|api_?key)\\*"\s*[:,]\s*\[?\\*")[^"\\]+/gi,
    '$1[redacted]'
  ]
]

/** Tells cheaply that there is nothing to look for, as in nearly every line. */
const SUSPICIOUS =
  /api_?key|SU-\d|bearer|ubff_|eyJ|https?:\/\/[^"\s?]{0,500}\?|:\/\/[^"\s/@]{1,500}@|sig(?:nature)?(?:=|%3D)|token(?:=|%3D)|accesskeyid|googleaccessid|x-(?:amz|goog|api)-|authorization|cookie|idempotency-key/i

/** The text without whatever has the shape of a secret. JSON stays JSON. */
export function scrub (text: string): string {
  if (!SUSPICIOUS.test(text)) return text
  return SHAPES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text)
}
