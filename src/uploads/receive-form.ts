import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { textFault } from '../errors/text-fault.ts'
import {
  MAX_AROUND_FILE_BYTES,
  MAX_TRAILING_BYTES,
  readWithin,
  silence,
  tooLarge,
  truncated,
  type IncomingFile,
  type UploadLimits
} from '../streaming/incoming-file.ts'
import { RawTap } from './multipart-offsets.ts'

/** A part as @fastify/multipart yields it; its name is missing when the form gives none. */
export interface FilePart { type: 'file', fieldname: string | undefined, encoding: string, file: Readable }
export interface FieldPart { type: 'field', fieldname: string | undefined, value: unknown, valueTruncated: boolean }
export type Part = FilePart | FieldPart

export interface MultipartSource {
  raw: IncomingMessage
  /** Starts the parser; called once, after the tap has been set. */
  parts: () => AsyncIterator<Part>
  boundary: string
  contentLength: number | null
}

const FILE_FIELD = 'file'
/**
 * Nothing but the parser takes bytes while a part is waited for: one that leaves them for so long has lost its way in a
 * large part that it skips.
 */
const LOST_MS = 1000
const PLAIN_ENCODINGS = ['7bit', '8bit', 'binary']

/**
 * Opens a form up to its one file, the field `file`, after at most the named fields, each once.
 * Takes the source and the fields that may come with the characters each may have. Throws AppError.
 */
export async function openMultipartFile (
  source: MultipartSource,
  fieldChars: Readonly<Record<string, number>>,
  limits: UploadLimits
): Promise<IncomingFile> {
  const { raw, contentLength } = source
  if (contentLength !== null && contentLength > limits.maxBytes + MAX_AROUND_FILE_BYTES) throw tooLarge(limits)
  const tap = new RawTap(raw, source.boundary, limits)
  const parts = source.parts()
  const next = async (): Promise<Part | null> => await nextPart(parts, raw, tap, limits)

  const { fields, part } = await readUpToFile(next, fieldChars)
  const start = tap.takeFileStart()
  // Without it nothing could prove that the parser's file is all of it; and it skips parts that it does not understand.
  if (start === null || start.partsBefore !== fields.size) {
    part.file.destroy()
    throw new AppError('MALFORMED_BODY', 'A part has headers or a name of a form that is not understood.')
  }
  if (start.at > MAX_AROUND_FILE_BYTES) {
    part.file.destroy()
    throw new AppError('BODY_TOO_LARGE', `The form has more than ${MAX_AROUND_FILE_BYTES} bytes before its file.`)
  }
  return {
    boundedLength: contentLength === null ? null : Math.max(0, contentLength - start.at - tap.closingBytes),
    fields,
    read: async function * () {
      let fileBytes: number
      try {
        fileBytes = yield * readWithin(part.file, limits)
      } catch (error) {
        throw asFormError(error)
      }
      await expectEnd(next)
      if (!raw.complete) throw truncated()
      return provenTrailing(tap, start.at, fileBytes)
    },
    destroy: reason => {
      part.file.destroy(reason)
      tap.fail(reason)
    }
  }
}

async function readUpToFile (
  next: () => Promise<Part | null>,
  fieldChars: Readonly<Record<string, number>>
): Promise<{ fields: Map<string, string>; part: FilePart }> {
  const fields = new Map<string, string>()
  for (;;) {
    const part = await next()
    if (part === null) throw new AppError('FILE_MISSING', `The form has no file in the field ${FILE_FIELD}.`)
    if (part.type === 'file') {
      // Without a listener, an error of a file that is refused here would end the process.
      part.file.on('error', () => {})
      checkFilePart(part)
      return { fields, part }
    }
    addField(fields, part, fieldChars)
  }
}

/**
 * The bytes after the closing delimiter, once it is certain that everything between start and delimiter is the file.
 */
function provenTrailing (tap: RawTap, start: number, fileBytes: number): number {
  const trailing = tap.totalBytes - start - fileBytes - tap.closingBytes
  if (trailing > MAX_TRAILING_BYTES) {
    throw new AppError('MALFORMED_BODY', `More than ${MAX_TRAILING_BYTES} bytes follow the end of the form.`)
  }
  if (trailing < 0 || !tap.endsWithClosing(trailing)) {
    throw new AppError('MALFORMED_BODY', 'The form does not end with its boundary.')
  }
  return trailing
}

function nameOf (part: Part): string {
  return part.fieldname?.slice(0, 64) ?? '(no name)'
}

function pathOf (part: Part): string {
  return `body.${nameOf(part)}`
}

function addField (fields: Map<string, string>, part: FieldPart, fieldChars: Readonly<Record<string, number>>): void {
  const name = part.fieldname ?? ''
  const path = pathOf(part)
  const refuse = (message: string): never => {
    throw new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
  }
  const maxChars = Object.hasOwn(fieldChars, name) ? fieldChars[name] : undefined
  if (maxChars === undefined) {
    return refuse(name === FILE_FIELD ? 'must be a file: its part has no file name' : 'is not known here')
  }
  if (fields.has(name)) refuse('must be given once')
  if (typeof part.value !== 'string') return refuse('must be plain text')
  // Characters as Connect counts them, not UTF-16 units.
  if (part.valueTruncated || [...part.value].length > maxChars) refuse(`must have at most ${maxChars} characters`)
  const fault = textFault(part.value)
  if (fault !== null) refuse(fault)
  fields.set(name, part.value)
}

function checkFilePart (part: FilePart): void {
  if (part.fieldname !== FILE_FIELD) {
    throw new AppError('FILE_MISSING', `The file is expected in the field ${FILE_FIELD}.`, {
      errors: [{ path: pathOf(part), message: `must be called ${FILE_FIELD}` }]
    })
  }
  if (!PLAIN_ENCODINGS.includes(part.encoding.toLowerCase())) {
    throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the file as it is, without a Content-Transfer-Encoding.')
  }
}

/** After the file nothing may come but the end. */
async function expectEnd (next: () => Promise<Part | null>): Promise<void> {
  const part = await next()
  if (part?.type === 'field') {
    throw new AppError('FIELD_AFTER_FILE', `The field ${nameOf(part)} comes after the file; fields come first.`)
  }
  if (part?.type === 'file') {
    part.file.on('error', () => {})
    part.file.destroy()
    throw secondFile()
  }
}

async function nextPart (
  parts: AsyncIterator<Part>,
  raw: IncomingMessage,
  tap: RawTap,
  limits: UploadLimits
): Promise<Part | null> {
  let timer: NodeJS.Timeout | undefined
  let watch: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(silence(limits))
    }, limits.idleMs)
    let before = -1
    watch = setInterval(() => {
      const hasMore = raw.complete || raw.readableLength > 0
      if (hasMore && tap.totalBytes === before) {
        reject(new AppError('MALFORMED_BODY', 'The form has a part that is not understood.'))
      }
      before = tap.totalBytes
    }, LOST_MS)
  })
  try {
    const { done, value } = await Promise.race([parts.next(), tap.failure, timeout])
    return done === true ? null : value
  } catch (error) {
    throw asFormError(error)
  } finally {
    clearTimeout(timer)
    clearInterval(watch)
  }
}

function secondFile (): AppError {
  const message = 'must be given once'
  return new AppError('VALIDATION_FAILED', 'The form has a second file; send exactly one.', {
    errors: [{ path: `body.${FILE_FIELD}`, message }]
  })
}

/** The parser's errors are internal to it: several are plain Errors that would read as a fault of ours. */
function asFormError (error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = (error as { code?: unknown } | null)?.code
  switch (code) {
    case 'FST_FILES_LIMIT':
      return secondFile()
    case 'FST_FIELDS_LIMIT':
    case 'FST_PARTS_LIMIT':
      return new AppError('VALIDATION_FAILED', 'The form has too many parts.', {
        errors: [{ path: 'body', message: 'has too many parts' }]
      })
    case 'FST_PROTO_VIOLATION':
      return new AppError('VALIDATION_FAILED', 'A part of the form has a name that is not allowed.', {
        errors: [{ path: 'body', message: 'has a part with a name that is not allowed' }]
      })
  }
  return new AppError('MALFORMED_BODY', 'The form is not well-formed or was cut off.', { cause: error })
}
