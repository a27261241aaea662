import { isUtf8 } from 'node:buffer'
import { AppError, invalidField } from '../errors/app-error.ts'
import { textFault, UTF8_CHARSETS } from '../errors/text-fault.ts'
import { FILE_FIELD, fileWithoutName, pathOf, type FieldPart, type FormPart } from './form-parts.ts'

const JSON_FIELDS = ['report']
/** The values of Content-Transfer-Encoding that leave the bytes of a part as they are. */
export const PLAIN_ENCODINGS = ['7bit', '8bit', 'binary']

const CHARSET = /^content-type:.*;\s*charset\s*=\s*"?([^\s;"]*)/im
const CODING = /^content-transfer-encoding:\s*(\S*)/im

/**
 * Adds the text of a form field to `fields`; null for JSON that the parser has already parsed. `fieldChars` has the
 * largest number of characters of each known field. Throws VALIDATION_FAILED for a field that is not known, comes
 * twice, is too long, or is no text that Connect can store.
 */
export function addField (
  fields: Map<string, string | null>, part: FieldPart, fieldChars: Readonly<Record<string, number>>
): void {
  const name = part.fieldname ?? ''
  const path = pathOf(part)
  const refuse = (message: string): never => { throw invalidField(path, message) }
  const maxChars = Object.hasOwn(fieldChars, name) ? fieldChars[name] : undefined
  if (maxChars === undefined) {
    if (name === FILE_FIELD) throw fileWithoutName()
    return refuse('is not known here')
  }
  if (fields.has(name)) refuse('must be given once')
  if (typeof part.value !== 'string' && JSON_FIELDS.includes(name)) {
    fields.set(name, null)
    return
  }
  if (typeof part.value !== 'string') return refuse('must be plain text')
  // The text is spread into characters (code points), because Connect counts these and not UTF-16 units.
  if (part.valueTruncated || [...part.value].length > maxChars) refuse(`must have at most ${maxChars} characters`)
  const fault = textFault(part.value)
  if (fault !== null) refuse(fault)
  fields.set(name, part.value)
}

/** Replaces each null in `fields` by the content of its part. `parts` has the same order as `fields`. */
export function textOfFields (
  parts: readonly FormPart[], fields: ReadonlyMap<string, string | null>
): Map<string, string> {
  return new Map([...fields].map(([name, value], index) => [name, value ?? parts[index]?.content.toString() ?? '']))
}

/**
 * Gives the error for the first field that was not sent as plain UTF-8; null when all were. `parts` and `fields` have
 * the same order. The parser replaces bytes that are not UTF-8, so each field is compared with the bytes of its part.
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
