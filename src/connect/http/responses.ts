/** What makes a value, or a ConnectError with a reason, of the status, headers and bytes of a response. */
import { isAscii } from 'node:buffer'
import { Readable } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import { ConnectBadPayloadError, ConnectResponseError } from '../errors.ts'
import type { BadPayloadReason, CallTarget } from '../errors.ts'
import type { ConnectResponse } from './exchange.ts'
import { exceededBound } from '../../limits/json-bounds.ts'
import { ZIP_START } from '../../media-types.ts'
import { isId } from './route.ts'

export type JsonReader = (text: string) => unknown

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const NOT_A_WORKBOOK = /^(?:text\/html|application\/xhtml\+xml|application\/(?:[\w.+-]+\+)?json)\s*(?:;|$)/i
const CONTENT_RANGE = /^items\s+\d+-\d+\/(\d+)$/i
/** Bytes of a plain text that are read: the texts of an error are cut to 200 characters. */
const MAX_PLAIN_TEXT = 4_096
/** More than any account of Connect can have. */
const MAX_TOTAL = 100_000_000
/** A day. A date in Retry-After may name any year. */
const MAX_RETRY_AFTER_SECONDS = 86_400

interface Asked {
  readonly target: CallTarget
  readonly readJson: JsonReader
  readonly isForeign?: true
}

/**
 * Throws unless the status is 2xx and the body is not encoded. A 4xx of Connect has an envelope. A 4xx without one
 * comes from a gateway in front of Connect, which knows nothing of the object: it proves no refusal by Connect.
 */
export function requireSuccess (response: ConnectResponse, call: Asked): void {
  const { status, headers } = response
  const { target } = call
  if (status >= 400) {
    const isForeign = call.isForeign === true
    const told = errorBodyOf(response, call.readJson)
    const envelope = envelopeOf(told)
    const isFromGateway = status < 500 && envelope === null && !isGatewayRefusal(response)
    if (isFromGateway && !isForeign) {
      throw new ConnectBadPayloadError(target, response.progress, 'no-envelope', told)
    }
    const progress = { ...response.progress, status }
    const texts = envelope ?? { errorCode: null, errors: isForeign ? [] : told }
    throw new ConnectResponseError(target, progress, texts, retryAfterSeconds(headers), envelope !== null)
  }
  if (status >= 300) throw invalidResponse(response, target, 'redirect')
  const encoding = headers['content-encoding']
  const isEncoded = encoding !== undefined && encoding.toLowerCase() !== 'identity'
  if (isEncoded) throw invalidResponse(response, target, 'encoding')
  // Connect answered before it had the whole request, so the success is not about this request.
  if (!response.progress.bodyComplete) throw invalidResponse(response, target, 'early-success')
}

/**
 * Whether a gateway in front of Connect refused the call with a status that says why: it throttles, or the body, which
 * was still on its way, is too large. A write with such a 429 is read back (src/usage/writes/outcome.ts).
 */
function isGatewayRefusal ({ status, progress: { bodyComplete } }: ConnectResponse): boolean {
  return status === 429 || (status === 413 && !bodyComplete)
}

/** Gives the JSON value of a successful response; undefined when the response has no body. */
export function parseBody (response: ConnectResponse, target: CallTarget, readJson: JsonReader): unknown {
  const bytes = response.body
  if (!Buffer.isBuffer(bytes) || bytes.byteLength === 0) return undefined
  if (!JSON_TYPE.test(response.headers['content-type'] ?? '')) throw invalidResponse(response, target, 'content-type')
  const exceeded = exceededBound(bytes)
  if (exceeded !== null) throw invalidResponse(response, target, exceeded)
  try {
    return readJson(textOf(bytes))
  } catch {
    // The parser's error is dropped: it quotes the text.
    throw invalidResponse(response, target, 'json')
  }
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff')

/** Gives the text of a body, without a byte order mark (RFC 8259, 8.1). */
function textOf (bytes: Buffer): string {
  // Most responses are ASCII, and latin1 is the faster decoder.
  if (isAscii(bytes)) return bytes.toString('latin1')
  return bytes.toString('utf8', bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0)
}

/** Throws unless the value is an object. Its id, where it has one, must be an identifier of Connect. */
export function requireObject (value: unknown, response: ConnectResponse, target: CallTarget): object {
  if (value === undefined) throw invalidResponse(response, target, 'empty')
  if (!isObject(value) || !hasValidId(value)) throw invalidResponse(response, target, 'shape')
  return value
}

/** Throws unless the object has this id. Null stands for any id, and for none. */
export function requireId (value: object, id: string | null, response: ConnectResponse, target: CallTarget): object {
  if (id !== null && idOf(value) !== id) throw invalidResponse(response, target, 'other-object')
  return value
}

/** Gives the object of a response to a write, null without a body. Throws when the object has another id. */
export function requireWritten (
  value: unknown, id: string | null, response: ConnectResponse, target: CallTarget
): object | null {
  if (value === undefined || value === null) return null
  const written = requireObject(value, response, target)
  return idOf(written) === null ? written : requireId(written, id, response, target)
}

/** As requireObject, for each item of a list. The ids of some objects are chosen by vendors and may be any text. */
export function requireObjects (
  value: unknown, response: ConnectResponse, target: CallTarget, hasVendorIds = false
): readonly object[] {
  if (value === undefined) throw invalidResponse(response, target, 'empty')
  const isList = Array.isArray(value) && value.every((item) => isObject(item) && (hasVendorIds || hasValidId(item)))
  if (!isList) throw invalidResponse(response, target, 'shape')
  return value
}

/**
 * Gives the stream of a workbook, not read yet. Throws, and destroys the stream, for a body of under four bytes, for
 * HTML and JSON, for bytes that do not begin as a zip does, and where nothing would tell a complete body from a cut
 * one.
 */
export function requireWorkbook (response: ConnectResponse, target: CallTarget): Readable {
  const { body } = response
  if (!(body instanceof Readable)) throw invalidResponse(response, target, response.status === 200 ? 'empty' : 'status')
  const fault = workbookFault(body, response.headers)
  if (fault === null) return body
  body.on('error', () => {}).destroy()
  throw invalidResponse(response, target, fault)
}

function workbookFault (body: Readable, headers: IncomingHttpHeaders): BadPayloadReason | null {
  if (NOT_A_WORKBOOK.test(headers['content-type'] ?? '')) return 'content-type'
  // A body without a length ends with the connection, so a cut body looks complete.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return 'no-length'
  // The response was given when these bytes had arrived (ResponseHandler in exchange.ts).
  const start = body.read(ZIP_START.length) as Buffer
  body.unshift(start)
  return start.equals(ZIP_START) ? null : 'not-a-workbook'
}

/**
 * Gives the total of `Content-Range: items 0-9/57`. Null when the header is missing or has another form (`*`). Throws
 * for a total over MAX_TOTAL.
 */
export function totalOf (response: ConnectResponse, target: CallTarget): number | null {
  const total = CONTENT_RANGE.exec(response.headers['content-range']?.trim() ?? '')?.[1]
  if (total === undefined) return null
  if (Number(total) > MAX_TOTAL) throw invalidResponse(response, target, 'shape')
  return Number(total)
}

export function contentLengthOf (headers: IncomingHttpHeaders): number | null {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** Reads both forms of Retry-After (RFC 9110, 10.2.3). Gives at most a day; null when it is missing or neither form. */
export function retryAfterSeconds (headers: IncomingHttpHeaders, nowMs: number = Date.now()): number | null {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS)
  const at = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.min(Math.max(0, Math.ceil((at - nowMs) / 1000)), MAX_RETRY_AFTER_SECONDS)
}

export function invalidResponse (
  response: ConnectResponse, target: CallTarget, reason: BadPayloadReason
): ConnectBadPayloadError {
  return new ConnectBadPayloadError(target, response.progress, reason)
}

/** Reads the body of an error: its JSON value, or its plain text; null for any other body. */
function errorBodyOf ({ body, headers }: ConnectResponse, readJson: JsonReader): unknown {
  if (!Buffer.isBuffer(body)) return null
  try {
    return exceededBound(body) === null ? readJson(textOf(body)) : null
  } catch {
    const isPlain = /^text\/plain\b/i.test(headers['content-type'] ?? '')
    return isPlain ? textOf(body.subarray(0, MAX_PLAIN_TEXT)) : null
  }
}

/** Reads the envelope of Connect or of its framework (`detail`). Null for any other body. The code may be undefined. */
function envelopeOf (value: unknown): { errorCode: unknown, errors: unknown } | null {
  if (!isObject(value)) return null
  const { error_code: errorCode, errors, detail } = value as Readonly<Record<string, unknown>>
  if (errorCode === undefined && errors === undefined && detail === undefined) return null
  return { errorCode, errors: isEmpty(errors) ? detail : errors }
}

function isEmpty (value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function idOf (value: object): string | null {
  const id: unknown = Reflect.get(value, 'id')
  return typeof id === 'number' ? String(id) : typeof id === 'string' && id !== '' ? id : null
}

/** An invalid id must not get into a path, a header or a link of ours. */
function hasValidId (value: object): boolean {
  const id = idOf(value)
  return id === null || isId(id)
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
