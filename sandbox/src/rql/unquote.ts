/**
 * Decodes the percent-encoding of a whole query before it is parsed. So an encoded comma is a comma to the parser. `+`
 * stays `+`, and wrong encodings stay, as in Python's unquote.
 */
export function unquote (query: string): string {
  return query.replace(/(?:%[0-9a-f]{2})+/gi, escapes =>
    Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('utf8')
  )
}
