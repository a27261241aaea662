import type { IncomingMessage } from 'node:http'
import { AppError, invalidField } from '../errors/app-error.ts'
import { IdleTimer } from '../limits/idle-timer.ts'
import { createRateWatch } from '../limits/minimum-rate.ts'
import { readWithin, silent, tooLarge, tooSlow, truncated, type BodyLimits } from '../streaming/request-body.ts'
import './delimiter-padding.ts'
import { addField, fieldFault, PLAIN_ENCODINGS, textOfFields } from './field-text.ts'
import { FILE_FIELD, nameOf, pathOf, type FilePart, type Part } from './form-parts.ts'
import {
  MAX_BEFORE_FILE_BYTES, MAX_TRAILING_BYTES, MultipartOffsets, namesIn
} from './multipart-offsets.ts'
import type { ReceivedFile } from './receive.ts'

export interface MultipartSource {
  raw: IncomingMessage
  /** Starts the parser and gives the parts of the form. Called once, when MultipartOffsets already reads the body. */
  parts: () => AsyncIterator<Part>
  boundary: string
  contentLength: number | null
}

/** A parser that reads no waiting byte for this time, in ms, counts as stuck in a part that it does not understand. */
const PARSER_HANGS_MS = 1000

/**
 * Reads a form up to its file, which must be the field `file` and the last part. `fieldChars` names the fields that may
 * come before the file, and gives the largest number of characters of each. Throws AppError for any other form. For a
 * fault after the beginning of the file, `read` of the result throws AppError.
 */
export async function receiveForm (
  source: MultipartSource,
  fieldChars: Readonly<Record<string, number>>,
  limits: BodyLimits
): Promise<ReceivedFile> {
  const { raw, contentLength } = source
  if (contentLength !== null && contentLength > limits.maxBytes + MAX_BEFORE_FILE_BYTES) throw tooLarge(limits)
  const offsets = new MultipartOffsets(raw, source.boundary, limits)
  const next = createPartReader(source.parts(), watchBytes(raw, offsets, limits), offsets)

  const { fields: read, part } = await readUpToFile(next, fieldChars)
  const start = offsets.takeFileStart(Object.keys(fieldChars))
  const refuse = (error: AppError): never => {
    part.file.destroy()
    throw error
  }
  // The parser and `offsets` must have found the same parts. The parser skips parts that it does not understand; then
  // nothing can prove that the file is whole.
  if (start === null || start.partsBefore.length !== read.size) {
    const names = start?.partsBefore.flatMap(({ headers }) => namesIn(headers)) ?? []
    if (names.some(name => name in Object.prototype)) return refuse(unknownName(names))
    return refuse(new AppError('MALFORMED_BODY', 'A part has headers or a name of a form that is not understood.'))
  }
  const fields = textOfFields(start.partsBefore, read)
  const fault = fieldFault(start.partsBefore, [...fields])
  if (fault !== null) return refuse(fault)
  if (start.at > MAX_BEFORE_FILE_BYTES) {
    return refuse(
      new AppError('BODY_TOO_LARGE', `The form has more than ${MAX_BEFORE_FILE_BYTES} bytes before its file.`)
    )
  }
  let trailing = 0
  return {
    maxLength: contentLength === null ? null : Math.max(0, contentLength - start.at - offsets.closingBytes),
    fields,
    name: part.filename ?? '',
    type: part.mimetype.toLowerCase(),
    read: async function * () {
      const fileBytes = yield * readFile(part, limits)
      await expectEnd(next)
      if (!raw.complete) throw truncated()
      trailing = provenTrailing(offsets, start.at, fileBytes)
    },
    trailingBytes: () => trailing,
    destroy: reason => {
      part.file.destroy(reason)
      offsets.fail(reason)
    }
  }
}

async function * readFile (part: FilePart, limits: BodyLimits): AsyncGenerator<Buffer, number, void> {
  let bytes = 0
  try {
    for await (const chunk of readWithin(part.file, limits)) {
      bytes += chunk.length
      yield chunk
    }
  } catch (error) {
    throw asFormError(error)
  }
  return bytes
}

async function readUpToFile (
  next: () => Promise<Part | null>,
  fieldChars: Readonly<Record<string, number>>
): Promise<{ fields: Map<string, string | null>; part: FilePart }> {
  const fields = new Map<string, string | null>()
  for (;;) {
    const part = await next()
    if (part === null) throw new AppError('FILE_MISSING', `The form has no file in the field ${FILE_FIELD}.`)
    if (part.type === 'file') {
      // The file needs a listener for errors: without one, an error of a refused file would end the process.
      part.file.on('error', () => {})
      checkFilePart(part)
      return { fields, part }
    }
    addField(fields, part, fieldChars)
  }
}

/**
 * Gives how many bytes follow the closing delimiter of a form. Throws MALFORMED_BODY for more than MAX_TRAILING_BYTES,
 * and when the file is not exactly the bytes from `start` to the closing delimiter.
 */
function provenTrailing (offsets: MultipartOffsets, start: number, fileBytes: number): number {
  const trailing = offsets.totalBytes - start - fileBytes - offsets.closingBytes
  if (trailing > MAX_TRAILING_BYTES) {
    throw new AppError('MALFORMED_BODY', `More than ${MAX_TRAILING_BYTES} bytes follow the end of the form.`)
  }
  if (trailing < 0 || !offsets.endsWithClosing(trailing)) {
    throw new AppError('MALFORMED_BODY', 'The form does not end with its boundary.')
  }
  return trailing
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

function createPartReader (
  parts: AsyncIterator<Part>, watch: () => () => void, offsets: MultipartOffsets
): () => Promise<Part | null> {
  return async () => {
    const endWatch = watch()
    try {
      const { done, value } = await Promise.race([parts.next(), offsets.failure])
      return done === true ? null : value
    } catch (error) {
      throw asFormError(error, offsets)
    } finally {
      endWatch()
    }
  }
}

/**
 * Makes a function that begins a watch of the bytes of a form, and returns the function that ends this watch. A watch
 * lets the form fail when no byte arrives for `idleMs`, when the bytes of all watches together arrive below the minimum
 * data rate, and when the parser hangs.
 */
function watchBytes (raw: IncomingMessage, offsets: MultipartOffsets, limits: BodyLimits): () => () => void {
  const isTooSlow = createRateWatch(limits.idleMs)
  return () => {
    const idle = new IdleTimer(limits.idleMs, () => { offsets.fail(silent(limits)) })
    let waitedSince = performance.now()
    const onBytes = (chunk: Buffer): void => {
      idle.wait()
      const now = performance.now()
      if (isTooSlow(now - waitedSince, chunk.length)) offsets.fail(tooSlow(limits))
      waitedSince = now
    }
    raw.on('data', onBytes)
    let before = -1
    const progress = setInterval(() => {
      const hasMore = raw.complete || raw.readableLength > 0
      if (hasMore && offsets.totalBytes === before) {
        offsets.fail(new AppError('MALFORMED_BODY', 'The form has a part that is not understood.'))
      }
      before = offsets.totalBytes
    }, PARSER_HANGS_MS)
    return () => {
      idle.end()
      raw.off('data', onBytes)
      clearInterval(progress)
    }
  }
}

function secondFile (): AppError {
  const message = 'must be given once'
  return new AppError('VALIDATION_FAILED', 'The form has a second file; send exactly one.', {
    errors: [{ path: `body.${FILE_FIELD}`, message }]
  })
}

/** The parser drops a part with a name that every object has, such as `constructor`, without telling the name. */
function unknownName (names: readonly string[]): AppError {
  const name = names.find(known => known in Object.prototype)
  return name === undefined
    ? invalidField('body', 'has a part with a name that is not known here')
    : invalidField(`body.${name}`, 'is not known here')
}

function asFormError (error: unknown, offsets?: MultipartOffsets): AppError {
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
      return unknownName(offsets?.partNames() ?? [])
  }
  return new AppError('MALFORMED_BODY', 'The form is not well-formed or was cut off.', { cause: error })
}
