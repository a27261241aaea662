import { Dicer } from '@fastify/busboy'

/**
 * The parser of @fastify/busboy for the headers of one part of a form. `buffer` is the text of the headers. It begins
 * with what follows the delimiter (boundary) on the line of the delimiter.
 */
interface HeaderParser { buffer: string, _parseHeader: () => void }

/** Matches transport padding (RFC 2046, 5.1.1): spaces and tabs between a delimiter and the end of its line. */
const PADDING = /^[ \t]+(?=\r\n)/

/*
 * Makes the form parser ignore padding after a delimiter, in the whole process. The parser would take padding as a
 * header without a name, and then find no header of the part. So the padding is removed from the text of the headers.
 * The parser calls `_parseHeader` only when it has the whole text of the headers, however many chunks that took, and
 * when it has counted the bytes of this text for its limit. No byte of the content of a part passes here.
 */
const { _hparser: example } = new Dicer({ boundary: 'example' }) as unknown as { _hparser: HeaderParser }
const prototype = Object.getPrototypeOf(example) as HeaderParser
const { _parseHeader: parse } = prototype
if (typeof parse !== 'function') throw new Error('@fastify/busboy does not parse headers as this service expects')
prototype._parseHeader = function () {
  this.buffer = this.buffer.replace(PADDING, '')
  parse.call(this)
}
