import type { Readable } from 'node:stream'
import { AppError, invalidField } from '../errors/app-error.ts'

/** A part of a form that is a file, as @fastify/multipart yields it. */
export interface FilePart extends FileNames { type: 'file', encoding: string, file: Readable }
interface FileNames { fieldname: string | undefined, filename: string | undefined, mimetype: string }
export interface FieldPart { type: 'field', fieldname: string | undefined, value: unknown, valueTruncated: boolean }
export type Part = FilePart | FieldPart

/** A part of a form, taken from the bytes of the form: the text of its headers, each on one line, and its content. */
export interface FormPart { headers: string, content: Buffer }

export const FILE_FIELD = 'file'

export function nameOf (part: Part): string {
  return part.fieldname?.slice(0, 64) ?? '(no name)'
}

export function pathOf (part: Part): string {
  return `body.${nameOf(part)}`
}

/** For a file whose part has no file name. Parsers of forms take such a part as text. */
export function fileWithoutName (): AppError {
  return invalidField('body.file', 'must be a file: its part has no file name')
}
