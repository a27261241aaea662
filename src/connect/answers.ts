/** From status, headers and bytes to a value or a named error. */
import { isAscii } from 'node:buffer'
import { Readable } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import { ConnectBadPayloadError, ConnectResponseError } from './errors.ts'
import type { BadPayloadReason, CallTarget } from './errors.ts'
import type { Answer } from './exchange.ts'

export type JsonReader = (text: string) => unknown

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const NOT_A_FILE = /^(?:text\/html|application\/xhtml\+xml|application\/(?:[\w.+-]+\+)?json)\s*(?:;|$)/i
const CONTENT_RANGE = /^items\s+\d+-\d+\/(\d+)$/i

/** Throws unless the answer is a 2xx in plain encoding. */
export function requireSuccess (answer: Answer, target: CallTarget, readJson: JsonReader): void {
  const { status, headers } = answer
  if (status >= 400) {
    const progress = { ...answer.progress, status }
    throw new ConnectResponseError(target, progress, envelopeOf(answer, readJson), retryAfterSeconds(headers))
  }
  if (status >= 300) throw bad(answer, target, 'redirect')
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') throw bad(answer, target, 'encoding')
  // Connect cannot have read what we had not sent: such a success is about something else.
  if (!answer.progress.bodyComplete) throw bad(answer, target, 'early-success')
}

/** The JSON of a successful answer; undefined when it has no body. */
export function readBody (answer: Answer, target: CallTarget, readJson: JsonReader): unknown {
  const bytes = answer.body
  if (!Buffer.isBuffer(bytes) || bytes.byteLength === 0) return undefined
  if (!JSON_TYPE.test(answer.headers['content-type'] ?? '')) throw bad(answer, target, 'content-type')
  try {
    // Nearly every answer is ASCII, which needs no decoding.
    return readJson(isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8'))
  } catch {
    // The parser's message quotes the text, so it is not kept.
    throw bad(answer, target, 'json')
  }
}

export function requireObject (value: unknown, answer: Answer, target: CallTarget): object {
  if (value === undefined) throw bad(answer, target, 'empty')
  if (!isObject(value)) throw bad(answer, target, 'shape')
  return value
}

export function requireObjects (value: unknown, answer: Answer, target: CallTarget): readonly object[] {
  if (value === undefined) throw bad(answer, target, 'empty')
  if (!Array.isArray(value) || !value.every(isObject)) throw bad(answer, target, 'shape')
  return value
}

/** The stream of a file: neither a page nor JSON, and its end recognisable; an empty one is no stream. Otherwise it is destroyed. */
export function requireFile (answer: Answer, target: CallTarget): Readable {
  const { headers, body } = answer
  if (!(body instanceof Readable)) throw bad(answer, target, answer.status === 200 ? 'empty' : 'status')
  const isPage = NOT_A_FILE.test(headers['content-type'] ?? '')
  // A body that ends with the connection looks complete wherever it is cut.
  const isEndless = headers['content-length'] === undefined && headers['transfer-encoding'] === undefined
  if (isPage || isEndless) {
    body.on('error', () => {}).destroy()
    throw bad(answer, target, isPage ? 'content-type' : 'no-length')
  }
  return body
}

/** From `Content-Range: items 0-9/57`; null when absent, unknown (`*`) or of another form. */
export function totalOf (headers: IncomingHttpHeaders): number | null {
  const total = CONTENT_RANGE.exec(headers['content-range']?.trim() ?? '')?.[1]
  return total === undefined || !Number.isSafeInteger(Number(total)) ? null : Number(total)
}

export function contentLengthOf (headers: IncomingHttpHeaders): number | null {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** Both forms of RFC 9110, 10.2.3; null when absent or neither. */
export function retryAfterSeconds (headers: IncomingHttpHeaders, nowMs: number = Date.now()): number | null {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const at = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1000))
}

export function bad (answer: Answer, target: CallTarget, reason: BadPayloadReason): ConnectBadPayloadError {
  return new ConnectBadPayloadError(target, answer.progress, reason)
}

/** Not every error has an envelope, and the code may be null: HTML and text come from the edge. */
function envelopeOf (answer: Answer, readJson: JsonReader): { errorCode: unknown, errors: unknown } {
  try {
    const value = Buffer.isBuffer(answer.body) ? readJson(answer.body.toString('utf8')) : null
    if (isObject(value)) return { errorCode: Reflect.get(value, 'error_code'), errors: Reflect.get(value, 'errors') }
  } catch { /* not JSON: nothing in it is fit for an error */ }
  return { errorCode: null, errors: [] }
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
