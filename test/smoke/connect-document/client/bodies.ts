import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Download, UploadBody } from '../../../../src/connect/client.ts'
import { XLSX } from '../samples.ts'

/** Reads a download whole. */
export async function drain ({ stream }: Download): Promise<Buffer> {
  return await buffer(stream)
}

/** Gives the form of an upload to Connect: the fields, then the workbook as `fieldName`. */
export function formOf (fieldName: string, bytes: Buffer, fields: Readonly<Record<string, string>> = {}): UploadBody {
  const boundary = 'conformance'
  const texts = Object.entries(fields)
    .map(([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('')
  const body = Buffer.concat([
    Buffer.from(
      `${texts}--${boundary}\r\nContent-Disposition: form-data; name="${fieldName}"; filename="f.xlsx"\r\n` +
      `Content-Type: ${XLSX}\r\n\r\n`
    ),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`)
  ])
  return {
    stream: Readable.from([body]),
    length: body.length,
    contentType: `multipart/form-data; boundary=${boundary}`
  }
}
