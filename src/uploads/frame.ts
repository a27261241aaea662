import { randomUUID } from 'node:crypto'
import { XLSX_TYPE } from './verify.ts'

/** Names as Connect has them. */
export interface ConnectForm {
  /** The field of the file: `usage_file` or `recon_file`. The file name of the caller never goes to Connect. */
  fileField: string
  /** The other fields, names and values; they come before the file. */
  fields: readonly (readonly [name: string, value: string])[]
}

/** What stands around the file in a form for Connect. */
export interface Frame {
  /** With the boundary. */
  contentType: string
  head: Buffer
  /** The closing delimiter, and so many bytes of padding after it. */
  closing: (padding: number) => Buffer
  /** The length of the form in bytes, for a file and padding of so many bytes together. */
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
    `Content-Type: ${XLSX_TYPE}\r\n\r\n`
  )
  const delimiter = `\r\n--${boundary}--`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head,
    closing: padding => Buffer.from(delimiter + blank(padding)),
    lengthWith: contentBytes => head.length + contentBytes + delimiter.length
  }
}

/** A line break and spaces: after the closing delimiter of a form they mean nothing (RFC 2046 5.1.1). */
function blank (bytes: number): string {
  return bytes < 2 ? ' '.repeat(bytes) : `\r\n${' '.repeat(bytes - 2)}`
}
