import { Dicer } from '@fastify/busboy'

/** `buffer` has the headers of one part. It begins with what follows the delimiter (boundary) on its line. */
interface HeaderParser { buffer: string, _parseHeader: () => void }

/** Matches transport padding (RFC 2046, 5.1.1): spaces and tabs between a delimiter and the end of its line. */
const PADDING = /^[ \t]+(?=\r\n)/

/*
 * Makes the form parser ignore padding after a delimiter, in the whole process. The parser would take padding as a
 * header without a name, and then find no header of the part. The parser calls `_parseHeader` only when `buffer` has
 * all headers of the part, also when they came in several chunks.
 */
const { _hparser: example } = new Dicer({ boundary: 'example' }) as unknown as { _hparser: HeaderParser }
const prototype = Object.getPrototypeOf(example) as HeaderParser
const { _parseHeader: parse } = prototype
if (typeof parse !== 'function') throw new Error('@fastify/busboy does not parse headers as this service expects')
prototype._parseHeader = function () {
  this.buffer = this.buffer.replace(PADDING, '')
  parse.call(this)
}
