import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { MAX_AROUND_FILE_BYTES, MAX_TRAILING_BYTES, tooLarge, type UploadLimits } from '../streaming/incoming-file.ts'

/** Bytes that may arrive between the file's first byte and the moment the parser's word about it is heard. */
const PARSER_LEAD_BYTES = 256 * 1024

/**
 * Listens to a multipart body on its way to the parser, which tells what the parts are but not where they lie. Keeps
 * what comes before the file (bounded), the last bytes of the body, and their number: enough to know the file's
 * length in advance, and to prove afterwards that the parser's file is exactly the bytes between the two.
 */
export class RawTap {
  /** Rejects when the body outgrows its bounds or is given up; to be raced with whatever waits for the parser. */
  readonly failure: Promise<never>
  /** Ends the wait for the parser. */
  fail: (reason: Error) => void = () => {}
  #total = 0
  #head: Buffer[] = []
  #tail: Buffer = Buffer.alloc(0)
  #isHeadDone = false
  readonly #tailBytes: number
  readonly #delimiter: Buffer

  /** Takes the body and its boundary; must be made before the parser is piped to. */
  constructor (body: Readable, boundary: string, limits: UploadLimits) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`)
    this.#tailBytes = this.#delimiter.length + 2 + MAX_TRAILING_BYTES
    this.failure = new Promise<never>((_resolve, reject) => { this.fail = reject })
    this.failure.catch(() => {})
    const maxTotal = limits.maxBytes + MAX_AROUND_FILE_BYTES + PARSER_LEAD_BYTES
    body.on('data', (chunk: Buffer) => {
      this.#total += chunk.length
      this.#keepTail(chunk)
      if (this.#total > maxTotal) this.fail(tooLarge(limits))
      if (this.#isHeadDone) return
      this.#head.push(chunk)
      if (this.#total > MAX_AROUND_FILE_BYTES + PARSER_LEAD_BYTES) {
        this.#isHeadDone = true
        this.#head = []
        this.fail(
          new AppError('BODY_TOO_LARGE', `The form has more than ${MAX_AROUND_FILE_BYTES} bytes before its file.`)
        )
      }
    })
  }

  get totalBytes (): number {
    return this.#total
  }

  /** Length of the closing delimiter with the line break before it. */
  get closingBytes (): number {
    return this.#delimiter.length + 2
  }

  /** Where the file's first byte lies, or null when it cannot be told; forgets what came before. */
  takeFileStart (): FileStart | null {
    const head = Buffer.concat(this.#head)
    this.#isHeadDone = true
    this.#head = []
    return findFileStart(head, this.#delimiter)
  }

  /** Whether the body ends in the closing delimiter followed by this many bytes. */
  endsWithClosing (trailingBytes: number): boolean {
    const closing = Buffer.concat([this.#delimiter, Buffer.from('--')])
    const start = this.#tail.length - trailingBytes - closing.length
    return start >= 0 && this.#tail.subarray(start, start + closing.length).equals(closing)
  }

  #keepTail (chunk: Buffer): void {
    this.#tail = chunk.length >= this.#tailBytes
      ? chunk.subarray(chunk.length - this.#tailBytes)
      : Buffer.concat([this.#tail, chunk]).subarray(-this.#tailBytes)
  }
}

export interface FileStart {
  at: number
  /** How many parts come before it. */
  partsBefore: number
}

/** What makes the parser take a part for a file (@fastify/busboy, lib/types/multipart.js). */
const IS_FILE = /\bfilename\s*\*?\s*=|^content-type:\s*application\/octet-stream/im
const FOLD = /\r\n(?=[ \t])/g

/**
 * Walks over the parts before the file. The first delimiter may stand at the very start, without its line break.
 * Should the parser ever see another part as the file, the proof at the end of the body fails, and the upload with it.
 */
function findFileStart (head: Buffer, delimiter: Buffer): FileStart | null {
  const first = delimiter.subarray(2)
  let at = head.subarray(0, first.length).equals(first) ? first.length : endOf(head, delimiter, 0)
  let partsBefore = 0
  while (at !== -1) {
    const headersEnd = head.indexOf('\r\n\r\n', at)
    const nextDelimiter = head.indexOf(delimiter, at)
    if (headersEnd === -1 || (nextDelimiter !== -1 && nextDelimiter < headersEnd)) return null
    if (IS_FILE.test(head.toString('latin1', at, headersEnd).replace(FOLD, ''))) {
      return { at: headersEnd + 4, partsBefore }
    }
    partsBefore += 1
    at = endOf(head, delimiter, headersEnd + 2)
  }
  return null
}

function endOf (head: Buffer, delimiter: Buffer, from: number): number {
  const found = head.indexOf(delimiter, from)
  return found === -1 ? -1 : found + delimiter.length
}
