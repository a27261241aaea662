import { createCipheriv, createHash } from 'node:crypto'

export const KIB = 1024
export const MIB = 1024 * KIB
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

export function sha256 (bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** What ends a zip: the record without a comment. */
export const ZIP_END = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)])

/** Bytes that begin and, where there is room, end like a workbook; the rest is noise that never repeats. */
export function workbookOf (size: number, seed = 1): Buffer {
  const bytes = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(size))
  Buffer.from('PK\x03\x04', 'latin1').copy(bytes)
  if (size >= 4 + ZIP_END.length) ZIP_END.copy(bytes, size - ZIP_END.length)
  return bytes
}

export interface FormParts {
  boundary?: string
  preamble?: string | Buffer
  /** Whole parts before the file, without their delimiters. */
  before?: readonly string[]
  /** What stands after each delimiter, before its line break. */
  padding?: string
  disposition?: string
  fileHeaders?: string
  file: Buffer
  after?: readonly string[]
  closing?: string
  epilogue?: string | Buffer
}

export const DISPOSITION = 'Content-Disposition: form-data; name="file"; filename="usage.xlsx"'

/** A form of one file, spelled out so that any byte of it can be wrong. */
export function formOf (parts: FormParts): Buffer {
  const {
    boundary = 'b0undary',
    preamble = '',
    before = [],
    padding = '',
    disposition = DISPOSITION,
    after = [],
    file
  } = parts
  const {
    fileHeaders = `${disposition}\r\nContent-Type: ${XLSX}\r\n`,
    closing = `\r\n--${boundary}--`,
    epilogue = '\r\n'
  } = parts
  const delimiter = `--${boundary}${padding}\r\n`
  const lead = preamble.length > 0 ? Buffer.concat([Buffer.from(preamble), Buffer.from('\r\n')]) : Buffer.alloc(0)
  return Buffer.concat([
    lead,
    Buffer.from(before.map(part => `${delimiter}${part}\r\n`).join('')),
    Buffer.from(`${delimiter}${fileHeaders}\r\n`),
    file,
    ...after.map(part => Buffer.from(`\r\n${delimiter}${part}`)),
    Buffer.from(closing),
    Buffer.from(epilogue)
  ])
}

export const field = (name: string, value: string): string =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`

export interface ParsedForm {
  boundary: string
  name: string
  fileName: string
  head: string
  file: Buffer
  trailing: Buffer
}

/** Reads our own form as strictly as it gets: one part, the exact lines, nothing around it but padding. */
export function parseForm (body: Buffer, contentType: string): ParsedForm {
  const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(contentType)?.[1] ?? ''
  const headEnd = body.indexOf('\r\n\r\n')
  const head = body.toString('latin1', 0, headEnd)
  const [, name = '', fileName = ''] =
    new RegExp(
      `^--${boundary}\r\nContent-Disposition: form-data; name="([a-z_]+)"; filename="([a-z_.]+)"\r\n` +
      `Content-Type: ${XLSX}$`
    ).exec(head) ?? []
  const end = body.indexOf(`\r\n--${boundary}`, headEnd + 4)
  const closing = `\r\n--${boundary}--`
  if (boundary === '' || name === '' || body.toString('latin1', end, end + closing.length) !== closing) {
    throw new Error('not our form')
  }
  return {
    boundary,
    name,
    fileName,
    head,
    file: body.subarray(headEnd + 4, end),
    trailing: body.subarray(end + closing.length)
  }
}
