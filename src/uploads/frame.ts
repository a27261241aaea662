import { randomUUID } from 'node:crypto'
import { XLSX } from '../media-types.ts'

/** A multipart form for Connect, with Connect's names, without the bytes of its file. */
export interface ConnectForm {
  /** `usage_file` or `recon_file`. The file name is made of it: Connect never gets the caller's file name. */
  fileField: string
  fields: readonly (readonly [name: string, value: string])[]
}

/** A multipart form for Connect without its file: the bytes before and after the file, and the Content-Type. */
export interface Frame {
  contentType: string
  head: Buffer
  /** Gives the bytes after the file: the closing delimiter and `padding` bytes of white space. */
  closing: (padding: number) => Buffer
  /** Gives the length of the whole form in bytes. `contentBytes` counts the file and the padding. */
  lengthWith: (contentBytes: number) => number
}

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

/** A receiver ignores white space after the closing delimiter of a form (RFC 2046, 5.1.1). */
function blank (bytes: number): string {
  return bytes < 2 ? ' '.repeat(bytes) : `\r\n${' '.repeat(bytes - 2)}`
}
