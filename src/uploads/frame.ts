import { randomUUID } from 'node:crypto'
import { XLSX } from '../media-types.ts'

/**
 * The names and values of a multipart form for Connect, without the bytes of its file. The names are those of Connect.
 */
export interface ConnectForm {
  /**
   * The name of the field with the file: `usage_file` or `recon_file`. The file name that the caller sent never goes to
   * Connect.
   */
  fileField: string
  /** The other fields as pairs of name and value. They come before the file. */
  fields: readonly (readonly [name: string, value: string])[]
}

/** A multipart form for Connect without its file: the bytes before and after the file, and the Content-Type. */
export interface Frame {
  /** The Content-Type of the form, with its boundary. */
  contentType: string
  head: Buffer
  /** Gives the bytes after the file: the closing delimiter and `padding` bytes of white space. */
  closing: (padding: number) => Buffer
  /**
   * Gives the length of the whole form in bytes. `contentBytes` is the length of the file and of the padding together.
   */
  lengthWith: (contentBytes: number) => number
}

/** Makes the frame of a form, with a new boundary. */
export function frameOf ({ fileField, fields }: ConnectForm): Frame {
  const boundary = `usage-bff-${randomUUID()}`
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  )
  const head = Buffer.from(
    `${parts.join('')}--${boundary}\r\n` +
    `Content-Disposition: form-data; name="${fileField}"; filename="${fileField}.xlsx"\r\n` +
    `Content-Type: ${XLSX}\r\n\r\n`
  )
  const delimiter = `\r\n--${boundary}--`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head,
    closing: padding => Buffer.from(delimiter + blank(padding)),
    lengthWith: contentBytes => head.length + contentBytes + delimiter.length
  }
}

/**
 * Gives white space of this many bytes: a line break and spaces, or at most one space. A receiver ignores white space
 * after the closing delimiter of a form (RFC 2046, 5.1.1).
 */
function blank (bytes: number): string {
  return bytes < 2 ? ' '.repeat(bytes) : `\r\n${' '.repeat(bytes - 2)}`
}
