import type { FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { openRequestBody, truncated, type BodyLimits } from '../streaming/request-body.ts'
import type { SpooledFile } from '../streaming/spool.ts'
import type { Part } from './form-parts.ts'
import { receiveForm } from './receive-form.ts'

/** The file of an upload, from a form or from a body that is the file. */
export interface ReceivedFile {
  /**
   * The number of bytes of the file and of what follows the closing delimiter of its form, in one sum: the two numbers
   * are known only at the end. Null when the body has no Content-Length.
   */
  readonly maxLength: number | null
  /** The texts of the fields that come before the file in the form, by name. Empty when the body is the file. */
  readonly fields: ReadonlyMap<string, string>
  /** The file name that the form gives; '' when there is none. */
  readonly name: string
  /** The media type, in lower case and without parameters: that of the part in a form, else that of the body. */
  readonly type: string
  /** The bytes of the file, to be read once. Throws AppError unless the whole body arrives and is well-formed. */
  read: () => AsyncGenerator<Buffer, void, void>
  /** The number of bytes after the closing delimiter of the form. To be called when `read` has ended. */
  trailingBytes: () => number
  /** Ends the receipt of the body: a pending read fails. The socket of the request stays open for the answer. */
  destroy: (reason: Error) => void
}

/**
 * Opens the file of a request: the body itself, or the file of a multipart form. `fieldChars` names the fields that a
 * form may have, and gives the largest number of characters of each. Throws AppError for a body that is refused.
 */
export async function receiveFile (
  request: FastifyRequest,
  fieldChars: Readonly<Record<string, number>>,
  limits: BodyLimits
): Promise<ReceivedFile> {
  const { raw } = request
  const { 'content-length': declared, 'content-type': contentType } = raw.headers
  if (contentType === undefined) {
    throw new AppError('FILE_MISSING', 'Send the workbook as a form with the field file, or as the body itself.')
  }
  // The caller has left. The event 'close' has already come and comes only once, so a wait for the body would not end.
  if (raw.destroyed) throw truncated()
  const contentLength = declared === undefined ? null : Number(declared)
  if (!request.isMultipart()) {
    const { read, destroy } = openRequestBody(raw, contentLength, limits)
    const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    return { maxLength: contentLength, fields: new Map(), name: '', type, read, trailingBytes: () => 0, destroy }
  }
  // The log leaves out the options of the form parser. They hold every header of the request, and the parser logs them
  // at level trace.
  request.log = request.log.child({}, { serializers: { busboyOptions: () => undefined } })
  const parts = (): AsyncIterator<Part> => request.parts() as AsyncIterator<Part>
  return await receiveForm({ raw, parts, boundary: boundaryOf(contentType), contentLength }, fieldChars, limits)
}

/** Gives a temporary file that is written whole, as the file of an upload. It stays open when the upload ends. */
export function receivedFrom (
  file: SpooledFile, bytes: number, fields: ReceivedFile['fields'] = new Map()
): ReceivedFile {
  return { maxLength: bytes, fields, name: '', type: '', read: file.read, trailingBytes: () => 0, destroy: () => {} }
}

function boundaryOf (contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) throw new AppError('MALFORMED_BODY', 'The Content-Type of the form names no boundary.')
  return boundary
}
