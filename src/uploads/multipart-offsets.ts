import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { tooLarge, type BodyLimits } from '../streaming/request-body.ts'
import { fileWithoutName, type FormPart } from './form-parts.ts'

/** The most bytes of padding or epilogue (RFC 2046 5.1.1) after the closing delimiter of a form. */
export const MAX_TRAILING_BYTES = 1024
/** The most bytes before the file of a form: a preamble, fields, part headers. */
export const MAX_BEFORE_FILE_BYTES = 64 * 1024
/** The most bytes that may arrive after the first byte of the file before the parser reports the file. */
const PARSER_LEAD_BYTES = 256 * 1024

/**
 * The multipart offset tracker. The parser reports the parts of a form, but not their positions. The tracker reads the
 * same bytes. It keeps the bytes before the file (up to a limit), the last bytes, and the number of all bytes. From
 * these it computes the length of the file before the file arrives. At the end it proves that the parser's file is
 * exactly the bytes between the headers of the part and the closing delimiter.
 */
export class MultipartOffsets {
  /** Rejects when the body is too large, or with the reason given to `fail`. Used in a race with the parser. */
  readonly failure: Promise<never>
  /** Makes `failure` reject with a reason, which ends the wait for the parser. */
  fail: (reason: Error) => void = () => {}
  #total = 0
  #head: Buffer[] = []
  #tail: Buffer = Buffer.alloc(0)
  #isHeadDone = false
  readonly #tailBytes: number
  readonly #delimiter: Buffer

  /** To be made before the body is piped to the parser. */
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
   * Gives the position of the first byte of the file and the parts before the file; null when the position is not
   * certain. Frees the bytes that were kept. A part with a name of `fields` is no file, even with a file name.
   */
  takeFileStart (fields: readonly string[]): FileStart | null {
    const head = Buffer.concat(this.#head)
    this.#isHeadDone = true
    this.#head = []
    return findFileStart(head, this.#delimiter, fields)
  }

  /** Gives the names in the headers of the parts that have arrived before the file. It is for messages only. */
  partNames (): string[] {
    return namesIn(Buffer.concat(this.#head).toString('latin1'))
  }

  /** Whether the body ends with the closing delimiter, followed by `trailingBytes` bytes. */
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

/** The parser treats a part with such headers as a file (@fastify/busboy, lib/types/multipart.js). */
const IS_FILE = /\bfilename\s*\*?\s*=|^content-type:\s*application\/octet-stream/im
const PART_NAME = /^content-disposition:[^\r\n]{0,200};[ \t]*name[ \t]*=[ \t]*"?(\w{1,64})/gim
const FOLD = /\r\n(?=[ \t])/g

/**
 * Finds the first part that is a file. The first delimiter may be at the start of the body, without a line break. If
 * the parser takes another part as the file, the proof at the end of the body fails and the upload is refused.
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
    // An empty part may end with the line break of its headers.
    const contentEnd = Math.max(headersEnd + 4, at - delimiter.length)
    partsBefore.push({ headers, content: head.subarray(headersEnd + 4, contentEnd) })
  }
  return null
}

/** Gives the names of parts in the text of their headers. */
export function namesIn (headers: string): string[] {
  return [...headers.matchAll(PART_NAME)].map(([, name = '']) => name)
}

/** Whether the last part of the head is the field of the file, sent as text: the part has no file name. */
function isFileWithoutName (head: Buffer, delimiter: Buffer): boolean {
  const headers = head.toString('latin1', head.lastIndexOf(delimiter.subarray(2))).split('\r\n\r\n', 1)[0] ?? ''
  return /;\s*name\s*=\s*(?:"file"|file)\s*(?:;|$)/im.test(headers.replace(FOLD, '')) && !/filename/i.test(headers)
}

function endOf (head: Buffer, delimiter: Buffer, from: number): number {
  const found = head.indexOf(delimiter, from)
  return found === -1 ? -1 : found + delimiter.length
}
