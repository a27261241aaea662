import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { tooLarge, type BodyLimits } from '../streaming/request-body.ts'
import { fileWithoutName, type FormPart } from './form-parts.ts'

/** The most bytes that may follow the closing delimiter of a form: padding or an epilogue (RFC 2046, 5.1.1). */
export const MAX_TRAILING_BYTES = 1024
/** The most bytes of a form before its file: a preamble, the fields, and the headers of the parts. */
export const MAX_BEFORE_FILE_BYTES = 64 * 1024
/** The most bytes that may arrive after the first byte of the file before the parser reports the file. */
const PARSER_LEAD_BYTES = 256 * 1024

/**
 * Finds out where the file lies in a form, which the parser does not report. So the Content-Length, if there is one,
 * limits the length of the file before the file arrives. When the form has ended, `receiveForm` proves with
 * `totalBytes` and `endsWithClosing` that the file of the parser is exactly the bytes between the headers of its part
 * and the closing delimiter.
 */
export class MultipartOffsets {
  /** Never resolves. Rejects when `fail` is called. This class calls `fail` for a form that is too large. */
  readonly failure: Promise<never>
  fail: (reason: Error) => void = () => {}
  #total = 0
  #head: Buffer[] = []
  #tail: Buffer = Buffer.alloc(0)
  #isHeadDone = false
  readonly #tailBytes: number
  readonly #delimiter: Buffer

  /** Begins to read the body. Must be called before the body is piped to the parser. */
  constructor (body: Readable, boundary: string, limits: BodyLimits) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#tailBytes = this.#delimiter.length + 2 + MAX_TRAILING_BYTES
    this.failure = new Promise<never>((_resolve, reject) => { this.fail = reject })
    this.failure.catch(() => {})
    const maxTotal = limits.maxBytes + MAX_BEFORE_FILE_BYTES + PARSER_LEAD_BYTES
    body.on('data', (chunk: Buffer) => {
      this.#total += chunk.length
      this.#keepTail(chunk)
      if (this.#total > maxTotal) this.fail(tooLarge(limits))
      if (!this.#isHeadDone) this.#keepHead(chunk)
    })
  }

  get totalBytes (): number {
    return this.#total
  }

  /** The length, in bytes, of the closing delimiter with the line break before it. */
  get closingBytes (): number {
    return this.#delimiter.length + 2
  }

  /**
   * Gives where the file begins in the body, and the parts before the file; null when that is not certain. A part with
   * a name in `fields` is no file, even with a file name. Frees the bytes that were kept, so it can be called once.
   */
  takeFileStart (fields: readonly string[]): FileStart | null {
    const head = Buffer.concat(this.#head)
    this.#isHeadDone = true
    this.#head = []
    return findFileStart(head, this.#delimiter, fields)
  }

  /** Gives the names of the parts that have arrived so far, for messages. Gives none after `takeFileStart`. */
  partNames (): string[] {
    return namesIn(Buffer.concat(this.#head).toString('latin1'))
  }

  endsWithClosing (trailingBytes: number): boolean {
    const closing = Buffer.concat([this.#delimiter, Buffer.from('--')])
    const start = this.#tail.length - trailingBytes - closing.length
    return start >= 0 && this.#tail.subarray(start, start + closing.length).equals(closing)
  }

  #keepHead (chunk: Buffer): void {
    this.#head.push(chunk)
    if (this.#total <= MAX_BEFORE_FILE_BYTES + PARSER_LEAD_BYTES) return
    const isFile = isFileWithoutName(Buffer.concat(this.#head), this.#delimiter)
    this.#isHeadDone = true
    this.#head = []
    this.fail(isFile
      ? fileWithoutName()
      : new AppError(
        'BODY_TOO_LARGE', `The form has more than ${MAX_BEFORE_FILE_BYTES} bytes before its file.`
      ))
  }

  #keepTail (chunk: Buffer): void {
    this.#tail = chunk.length >= this.#tailBytes
      ? chunk.subarray(chunk.length - this.#tailBytes)
      : Buffer.concat([this.#tail, chunk]).subarray(-this.#tailBytes)
  }
}

export interface FileStart {
  at: number
  partsBefore: FormPart[]
}

/** Matches the headers of a part that the parser takes as a file (@fastify/busboy, lib/types/multipart.js). */
const IS_FILE = /\bfilename\s*\*?\s*=|^content-type:\s*application\/octet-stream/im
const PART_NAME = /^content-disposition:[^\r\n]{0,200};[ \t]*name[ \t]*=[ \t]*"?(\w{1,64})/gim
const FOLD = /\r\n(?=[ \t])/g

/**
 * The first delimiter may be at the start of the body, without a line break. If the parser takes another part as the
 * file, the proof at the end of the body fails and the upload is refused.
 */
function findFileStart (head: Buffer, delimiter: Buffer, fields: readonly string[]): FileStart | null {
  const first = delimiter.subarray(2)
  let at = head.subarray(0, first.length).equals(first) ? first.length : endOf(head, delimiter, 0)
  const partsBefore: FileStart['partsBefore'] = []
  while (at !== -1) {
    const headersEnd = head.indexOf('\r\n\r\n', at)
    const nextDelimiter = head.indexOf(delimiter, at)
    if (headersEnd === -1 || (nextDelimiter !== -1 && nextDelimiter < headersEnd)) return null
    const headers = head.toString('latin1', at, headersEnd).replace(FOLD, '')
    const isField = namesIn(headers).some(name => fields.includes(name))
    if (!isField && IS_FILE.test(headers)) return { at: headersEnd + 4, partsBefore }
    at = endOf(head, delimiter, headersEnd + 2)
    // An empty part may end with the line break of its headers, which then belongs to the next delimiter.
    const contentEnd = Math.max(headersEnd + 4, at - delimiter.length)
    partsBefore.push({ headers, content: head.subarray(headersEnd + 4, contentEnd) })
  }
  return null
}

/** Gives the names of parts, of each at most its first 64 letters, digits and `_`. */
export function namesIn (headers: string): string[] {
  return [...headers.matchAll(PART_NAME)].map(([, name = '']) => name)
}

/** Whether the last part in `head` is the field `file` without a file name, which the parser takes as text. */
function isFileWithoutName (head: Buffer, delimiter: Buffer): boolean {
  const headers = head.toString('latin1', head.lastIndexOf(delimiter.subarray(2))).split('\r\n\r\n', 1)[0] ?? ''
  return /;\s*name\s*=\s*(?:"file"|file)\s*(?:;|$)/im.test(headers.replace(FOLD, '')) && !/filename/i.test(headers)
}

function endOf (head: Buffer, delimiter: Buffer, from: number): number {
  const found = head.indexOf(delimiter, from)
  return found === -1 ? -1 : found + delimiter.length
}
