import { Dicer } from '@fastify/busboy'

/** The parser of the headers of a part. `buffer` begins with what follows the delimiter on its line. */
interface HeaderParser { buffer: string, _parseHeader: () => void }

/** Spaces and tabs that are all that follows a delimiter on its line: transport padding (RFC 2046, 5.1.1). */
const PADDING = /^[ \t]+(?=\r\n)/

/*
 * Changes the form parser for the whole process. The parser takes padding for a header without a name, and then finds
 * no header of the part. So the padding is removed from the text of the headers, which the parser has whole, in however
 * many chunks the body arrives. No byte of a content passes here, and the parser has counted the header bytes before.
 */
const { _hparser: example } = new Dicer({ boundary: 'example' }) as unknown as { _hparser: HeaderParser }
const prototype = Object.getPrototypeOf(example) as HeaderParser
const { _parseHeader: parse } = prototype
if (typeof parse !== 'function') throw new Error('@fastify/busboy does not parse headers as this service expects')
prototype._parseHeader = function () {
  this.buffer = this.buffer.replace(PADDING, '')
  parse.call(this)
}
