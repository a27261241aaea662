import { Readable } from 'node:stream'
import { ConnectBadPayloadError, ConnectResponseError } from '../errors.ts'
import type { BadPayloadReason, CallTarget } from '../errors.ts'
import type { ConnectResponse, ResponseHeaders } from './exchange.ts'
import { ZIP_START } from '../../media-types.ts'
import { ofWholeCharacters, readJsonBytes, type JsonReader } from './read-json.ts'
import { isId } from './route.ts'

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const NOT_A_WORKBOOK = /^(?:text\/html|application\/xhtml\+xml|application\/(?:[\w.+-]+\+)?json)\s*(?:;|$)/i
const CONTENT_RANGE = /^items\s+\d+-\d+\/(\d+)$/i
/** The most bytes that are read of an error body in plain text. */
const MAX_PLAIN_TEXT = 4_096
/** A larger total of a list counts as a fault of the answer. */
const MAX_TOTAL = 100_000_000
/** A day. A longer Retry-After counts as a day, because a date in it may name any year. */
const MAX_RETRY_AFTER_SECONDS = 86_400

interface Asked {
  readonly target: CallTarget
  readonly readJson: JsonReader
  readonly isForeign?: true
}

/**
 * Throws unless the status and the headers show a usable success:
 * - ConnectResponseError for a 5xx, a 4xx with the envelope of Connect's errors, a 429, a 413 before the whole body was
 * sent, and every 4xx of the storage.
 * - ConnectBadPayloadError for any other 4xx: it may come from a gateway, and proves no refusal by Connect. Also for a
 * redirect, an encoded body, and a success before the whole request was sent.
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
  // A success before Connect had the whole request is not about this request.
  if (!response.progress.bodyComplete) throw invalidResponse(response, target, 'early-success')
}

function isGatewayRefusal ({ status, progress: { bodyComplete } }: ConnectResponse): boolean {
  return status === 429 || (status === 413 && !bodyComplete)
}

/**
 * Gives undefined without a body. Throws ConnectBadPayloadError for a Content-Type that is not JSON, for a text that is
 * not JSON in UTF-8 within the bounds of src/limits/json-bounds.ts, and for half of a surrogate pair.
 */
export function parseBody (response: ConnectResponse, target: CallTarget, readJson: JsonReader): unknown {
  const bytes = response.body
  if (!Buffer.isBuffer(bytes) || bytes.byteLength === 0) return undefined
  if (!JSON_TYPE.test(response.headers['content-type'] ?? '')) throw invalidResponse(response, target, 'content-type')
  const read = readJsonBytes(bytes, ofWholeCharacters(readJson))
  if ('fault' in read) throw invalidResponse(response, target, read.fault)
  return read.value
}

/** Throws ConnectBadPayloadError unless the value is an object without an id, or with an id that `isId` allows. */
export function requireObject (value: unknown, response: ConnectResponse, target: CallTarget): object {
  if (value === undefined) throw invalidResponse(response, target, 'empty')
  if (!isObject(value) || !hasValidId(value)) throw invalidResponse(response, target, 'shape')
  return value
}

/** Throws ConnectBadPayloadError for an object with another id or none. With `id` null, every object is accepted. */
export function requireId (value: object, id: string | null, response: ConnectResponse, target: CallTarget): object {
  if (id !== null && idOf(value) !== id) throw invalidResponse(response, target, 'other-object')
  return value
}

/**
 * Gives the object in the answer to a write; null without a body, and for the body `null`. Accepts an object without an
 * id, and with `id` null every id of the right form. Throws ConnectBadPayloadError for any other value.
 */
export function requireWritten (
  value: unknown, id: string | null, response: ConnectResponse, target: CallTarget
): object | null {
  if (value === undefined || value === null) return null
  const written = requireObject(value, response, target)
  return idOf(written) === null ? written : requireId(written, id, response, target)
}

/**
 * Throws ConnectBadPayloadError unless the value is a list of objects, each without an id or with an id that `isId`
 * allows. With `hasVendorIds` the ids may be any text, because vendors choose them.
 */
export function requireObjects (
  value: unknown, response: ConnectResponse, target: CallTarget, hasVendorIds = false
): readonly object[] {
  if (value === undefined) throw invalidResponse(response, target, 'empty')
  const isList = Array.isArray(value) && value.every((item) => isObject(item) && (hasVendorIds || hasValidId(item)))
  if (!isList) throw invalidResponse(response, target, 'shape')
  return value
}

/** Gives the stream from its start. Throws ConnectBadPayloadError if it is no workbook, or could be cut unnoticed. */
export function requireWorkbook (response: ConnectResponse, target: CallTarget): Readable {
  const { body } = response
  if (!(body instanceof Readable)) throw invalidResponse(response, target, response.status === 200 ? 'empty' : 'status')
  const fault = workbookFault(body, response.headers)
  if (fault === null) return body
  body.on('error', () => {}).destroy()
  throw invalidResponse(response, target, fault)
}

function workbookFault (body: Readable, headers: ResponseHeaders): BadPayloadReason | null {
  if (NOT_A_WORKBOOK.test(headers['content-type'] ?? '')) return 'content-type'
  // A body without a length ends with its connection, so a cut body looks complete.
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return 'no-length'
  // These bytes have arrived: the response is given only after the first four bytes of its stream.
  const start = body.read(ZIP_START.length) as Buffer
  body.unshift(start)
  return start.equals(ZIP_START) ? null : 'not-a-workbook'
}

/**
 * Gives 57 for the Content-Range `items 0-9/57`. Null when the header is missing, or has `*` for the total or another
 * form. Throws ConnectBadPayloadError for more than MAX_TOTAL.
 */
export function totalOf (response: ConnectResponse, target: CallTarget): number | null {
  const total = CONTENT_RANGE.exec(response.headers['content-range']?.trim() ?? '')?.[1]
  if (total === undefined) return null
  if (Number(total) > MAX_TOTAL) throw invalidResponse(response, target, 'shape')
  return Number(total)
}

export function contentLengthOf (headers: ResponseHeaders): number | null {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** Gives the seconds of a number or a date (RFC 9110, 10.2.3). Null when the header has another form or is missing. */
export function retryAfterSeconds (headers: ResponseHeaders, nowMs: number = Date.now()): number | null {
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

/** Gives the JSON value of an error body, or its plain text; null for any other body. */
function errorBodyOf ({ body, headers }: ConnectResponse, readJson: JsonReader): unknown {
  if (!Buffer.isBuffer(body)) return null
  const read = readJsonBytes(body, readJson)
  if ('value' in read) return read.value
  const isPlain = read.fault === 'json' && /^text\/plain\b/i.test(headers['content-type'] ?? '')
  // Bytes that are not UTF-8, and half a character at the cut, become U+FFFD here.
  return isPlain ? body.toString('utf8', 0, MAX_PLAIN_TEXT) : null
}

/** Where `errors` is empty, `detail` of Connect's framework takes its place. Null for a body with no such member. */
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

/** The check is needed because the id of an object may get into a path, a header or a link of ours. */
function hasValidId (value: object): boolean {
  const id = idOf(value)
  return id === null || isId(id)
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
