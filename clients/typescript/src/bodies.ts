import { CallerError } from './retries.ts'
import type { Schemas } from './types.ts'

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const NDJSON = 'application/x-ndjson'

/** One row of a table by the column names of the workbook; or a category, which must come before the rows. */
export type TableRow = Schemas['UsageRow'] | { category: Schemas['CategoryRow'] }

/**
 * A table to send: a Blob or File of CSV, NDJSON, JSON or a workbook, the bytes of a workbook, or rows, which are sent
 * as NDJSON. `upload` does not repeat rows that can be read only once, such as those of a generator.
 */
export type TableSource = Blob | Uint8Array | ArrayBuffer | Iterable<TableRow> | AsyncIterable<TableRow>

export interface Body {
  contentType: string
  content: Blob | AsyncIterable<Uint8Array<ArrayBuffer>>
  isRepeatable: boolean
}

/** Rows are sent in pieces of at least this many characters; the last piece may be shorter. */
const PIECE = 64 * 1024

const TYPES_BY_ENDING: Readonly<Record<string, string>> = {
  csv: 'text/csv', ndjson: NDJSON, json: 'application/json', xlsx: XLSX
}

/** With `fields` the body is a form with these fields and the table as its `file`. */
export async function bodyOf (source: TableSource, fields?: Readonly<Record<string, string>>): Promise<Body> {
  const body = await plainBodyOf(source)
  return fields === undefined ? body : formOf(body, fields)
}

/** Gives a body that can be sent several times. Reads content into memory if it can be read only once. */
export async function repeatable (body: Body): Promise<Body> {
  if (body.isRepeatable) return body
  return { ...body, content: await blobOf(body.content), isRepeatable: true }
}

export async function blobOf (content: Body['content']): Promise<Blob> {
  if (content instanceof Blob) return content
  const pieces: Array<Uint8Array<ArrayBuffer>> = []
  for await (const piece of content) pieces.push(piece)
  return new Blob(pieces)
}

async function plainBodyOf (source: TableSource): Promise<Body> {
  if (typeof source !== 'object' || source === null) {
    throw new TypeError('There is no table to send. Make a Blob of a text: new Blob([text], { type: "text/csv" }).')
  }
  if (source instanceof Blob) return { contentType: await typeOf(source), content: source, isRepeatable: true }
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) {
    return await plainBodyOf(new Blob([source as Uint8Array<ArrayBuffer>]))
  }
  return { contentType: NDJSON, content: linesOf(source), isRepeatable: canBeginAgain(source) }
}

/** A file that begins with `PK` is a workbook. Else its ending decides, else its type, else it counts as a workbook. */
async function typeOf (blob: Blob): Promise<string> {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer())
  if (first === 0x50 && second === 0x4b) return XLSX
  const name = 'name' in blob && typeof blob.name === 'string' ? blob.name : ''
  const byName = TYPES_BY_ENDING[name.toLowerCase().split('.').at(-1) ?? '']
  if (byName !== undefined) return byName
  const type = blob.type.split(';', 1)[0] ?? ''
  // Browsers on Windows may give this type to CSV files.
  if (type === 'application/vnd.ms-excel') return 'text/csv'
  return Object.values(TYPES_BY_ENDING).includes(type) ? type : XLSX
}

function canBeginAgain (rows: Iterable<unknown> | AsyncIterable<unknown>): boolean {
  // The members of what can be read only once: `next` of a generator or iterator, `getReader` of a web stream, `pipe`
  // of a Node.js stream.
  return !['next', 'getReader', 'pipe'].some(member => member in rows)
}

/** Gives rows as NDJSON, piece by piece. Throws CallerError with the error of the rows. */
function linesOf (rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncIterable<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return {
    async * [Symbol.asyncIterator] () {
      let text = ''
      try {
        for await (const row of rows) {
          text += `${JSON.stringify(row)}\n`
          if (text.length < PIECE) continue
          yield encoder.encode(text)
          text = ''
        }
      } catch (cause) {
        throw new CallerError('The source of the rows failed.', { cause })
      }
      if (text !== '') yield encoder.encode(text)
    }
  }
}

function formOf ({ contentType, content, isRepeatable }: Body, fields: Readonly<Record<string, string>>): Body {
  const boundary = `usage-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
  const parts = Object.entries(fields).map(([name, value]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  const ending = Object.entries(TYPES_BY_ENDING).find(([, type]) => type === contentType)?.[0] ?? 'xlsx'
  const head = `${parts.join('')}--${boundary}\r\n` +
    `Content-Disposition: form-data; name="file"; filename="usage.${ending}"\r\nContent-Type: ${contentType}\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    content: content instanceof Blob ? new Blob([head, content, tail]) : between(head, content, tail),
    isRepeatable
  }
}

function between (
  head: string, content: AsyncIterable<Uint8Array<ArrayBuffer>>, tail: string
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder()
  return {
    async * [Symbol.asyncIterator] () {
      yield encoder.encode(head)
      yield * content
      yield encoder.encode(tail)
    }
  }
}
