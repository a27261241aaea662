import { isUtf8 } from 'node:buffer'
import { AppError } from '../errors/app-error.ts'
import { UTF8_CHARSETS } from '../errors/text-fault.ts'

/** A part of a form: its headers without folds, and its bytes. */
export interface FormPart { headers: string, content: Buffer }

/** The transfer encodings that change no byte of a part. */
export const PLAIN_ENCODINGS = ['7bit', '8bit', 'binary']

const CHARSET = /^content-type:.*;\s*charset\s*=\s*"?([^\s;"]*)/im
const CODING = /^content-transfer-encoding:\s*(\S*)/im

/**
 * Gives the error for a field that is not plain UTF-8 text; null when all are. The parser replaces bytes that are not
 * UTF-8, and decodes no transfer encoding, so the fields are compared with the bytes of their parts.
 */
export function fieldFault (parts: readonly FormPart[], fields: readonly [string, string][]): AppError | null {
  for (const [index, { headers, content }] of parts.entries()) {
    const [name = '', value = ''] = fields[index] ?? []
    const charset = CHARSET.exec(headers)?.[1] ?? 'utf-8'
    if (!UTF8_CHARSETS.includes(charset.toLowerCase())) {
      return new AppError(
        'UNSUPPORTED_MEDIA_TYPE', `The field ${name} has the charset ${charset.slice(0, 64)}. Send it as UTF-8.`
      )
    }
    const coding = CODING.exec(headers)?.[1] ?? 'binary'
    if (!PLAIN_ENCODINGS.includes(coding.toLowerCase())) {
      return new AppError(
        'UNSUPPORTED_MEDIA_TYPE',
        `The field ${name} has the Content-Transfer-Encoding ${coding.slice(0, 64)}. Send it without one.`
      )
    }
    if (!isUtf8(content) || content.toString() !== value) {
      return new AppError('MALFORMED_BODY', `The bytes of the field ${name} are not ${charset}.`)
    }
  }
  return null
}
