import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'

/** A part as @fastify/multipart yields it; its name is missing when the form gives none. */
export interface FilePart extends FileNames { type: 'file', encoding: string, file: Readable }
interface FileNames { fieldname: string | undefined, filename: string | undefined, mimetype: string }
export interface FieldPart { type: 'field', fieldname: string | undefined, value: unknown, valueTruncated: boolean }
export type Part = FilePart | FieldPart

/** A part of a form as its bytes show it: its headers without folds, and its content. */
export interface FormPart { headers: string, content: Buffer }

/** The field of the file. */
export const FILE_FIELD = 'file'

/** The name of a part, short enough for a message. */
export function nameOf (part: Part): string {
  return part.fieldname?.slice(0, 64) ?? '(no name)'
}

/** The path of a part in the errors of a problem. */
export function pathOf (part: Part): string {
  return `body.${nameOf(part)}`
}

/** The error for a file whose part has no file name: parsers of forms take such a part as text. */
export function fileWithoutName (): AppError {
  const [path, message] = ['body.file', 'must be a file: its part has no file name']
  return new AppError('VALIDATION_FAILED', `${path} ${message}`, { errors: [{ path, message }] })
}
