/** From status, headers and bytes to a value or a named error. */
import { isAscii } from 'node:buffer'
import { Readable } from 'node:stream'
import type { IncomingHttpHeaders } from 'node:http'
import { ConnectBadPayloadError, ConnectResponseError } from '../errors.ts'
import type { BadPayloadReason, CallTarget } from '../errors.ts'
import type { Answer } from './exchange.ts'

export type JsonReader = (text: string) => unknown

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i
const NOT_A_FILE = /^(?:text\/html|application\/xhtml\+xml|application\/(?:[\w.+-]+\+)?json)\s*(?:;|$)/i
const CONTENT_RANGE = /^items\s+\d+-\d+\/(\d+)$/i
const NO_ENVELOPE = { errorCode: null, errors: [] }
/** What a gateway may say for itself, and means: the call was too large or one too many, and went no further. */
const OF_GATEWAYS_TOO: readonly number[] = [413, 429]
/** More objects than an account of Connect has in all its years. */
const MAX_TOTAL = 100_000_000
/** The deepest object that Connect documents has 5 levels in a list. */
const MAX_DEPTH = 32
/** A day: nobody waits for longer, and a date may name any year. */
const MAX_RETRY_AFTER_SECONDS = 86_400

interface Asked {
  readonly target: CallTarget
  readonly readJson: JsonReader
  readonly isForeign?: true
}

/**
 * Throws unless the answer is a 2xx in plain encoding. A 4xx of Connect has an envelope; one without is the word of a
 * gateway before it, which knows nothing of the object and is no refusal.
 */
export function requireSuccess (answer: Answer, what: Asked): void {
  const { status, headers } = answer
  const { target } = what
  if (status >= 400) {
    const envelope = envelopeOf(answer, what.readJson)
    const isGateways = status < 500 && envelope === null && !OF_GATEWAYS_TOO.includes(status)
    if (isGateways && what.isForeign !== true) throw bad(answer, target, 'no-envelope')
    const progress = { ...answer.progress, status }
    throw new ConnectResponseError(target, progress, envelope ?? NO_ENVELOPE, retryAfterSeconds(headers))
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
  const value = parsed(bytes, answer, target, readJson)
  if (!isNestedUpTo(MAX_DEPTH, value)) throw bad(answer, target, 'too-deep')
  return value
}

function parsed (bytes: Buffer, answer: Answer, target: CallTarget, readJson: JsonReader): unknown {
  try {
    // Nearly every answer is ASCII, which needs no decoding.
    return readJson(isAscii(bytes) ? bytes.toString('latin1') : bytes.toString('utf8'))
  } catch {
    // The parser's message quotes the text, so it is not kept.
    throw bad(answer, target, 'json')
  }
}

/**
 * Whether a value of JSON has at most so many levels. What walks through it later, JSON.stringify for one, needs stack
 * for each level. The walk costs 3 to 4 % of what parsing costs; a look at every character of the text costs 40 %.
 */
function isNestedUpTo (levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isNestedUpTo(levels - 1, item)) return false
    return true
  }
  const fields = value as Readonly<Record<string, unknown>>
  for (const name in fields) {
    const field = fields[name]
    if (typeof field === 'object' && !isNestedUpTo(levels - 1, field)) return false
  }
  return true
}

export function requireObject (value: unknown, answer: Answer, target: CallTarget): object {
  if (value === undefined) throw bad(answer, target, 'empty')
  if (!isObject(value)) throw bad(answer, target, 'shape')
  return value
}

/** The object that this id names; null for any. Throws for another one; one without an id is another one, too. */
export function requireNamed (value: object, id: string | null, answer: Answer, target: CallTarget): object {
  if (id !== null && idOf(value) !== id) throw bad(answer, target, 'other-object')
  return value
}

/** What a write answered: no body, or an object of this id or of none. Throws for another one. */
export function requireWritten (value: unknown, id: string | null, answer: Answer, target: CallTarget): object | null {
  if (value === undefined || value === null) return null
  const written = requireObject(value, answer, target)
  return idOf(written) === null ? written : requireNamed(written, id, answer, target)
}

export function requireObjects (value: unknown, answer: Answer, target: CallTarget): readonly object[] {
  if (value === undefined) throw bad(answer, target, 'empty')
  if (!Array.isArray(value) || !value.every(isObject)) throw bad(answer, target, 'shape')
  return value
}

/**
 * The stream of a file: neither a page nor JSON, and its end recognisable; an empty one is no stream. Otherwise it is
 * destroyed.
 */
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

/** From `Content-Range: items 0-9/57`; null when absent, unknown (`*`) or of another form. Throws if impossible. */
export function totalOf (answer: Answer, target: CallTarget): number | null {
  const total = CONTENT_RANGE.exec(answer.headers['content-range']?.trim() ?? '')?.[1]
  if (total === undefined) return null
  if (Number(total) > MAX_TOTAL) throw bad(answer, target, 'shape')
  return Number(total)
}

export function contentLengthOf (headers: IncomingHttpHeaders): number | null {
  const length = headers['content-length']
  return length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null
}

/** Both forms of RFC 9110, 10.2.3, a day at most; null when absent or neither. */
export function retryAfterSeconds (headers: IncomingHttpHeaders, nowMs: number = Date.now()): number | null {
  const text = headers['retry-after']?.trim() ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_RETRY_AFTER_SECONDS)
  const at = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : Math.min(Math.max(0, Math.ceil((at - nowMs) / 1000)), MAX_RETRY_AFTER_SECONDS)
}

export function bad (answer: Answer, target: CallTarget, reason: BadPayloadReason): ConnectBadPayloadError {
  return new ConnectBadPayloadError(target, answer.progress, reason)
}

/** Connect's envelope, or that of its framework; null for anything else. The code may be null. */
function envelopeOf (answer: Answer, readJson: JsonReader): { errorCode: unknown, errors: unknown } | null {
  try {
    const value = Buffer.isBuffer(answer.body) ? readJson(answer.body.toString('utf8')) : null
    if (!isObject(value)) return null
    const { error_code: errorCode, errors, detail } = value as Readonly<Record<string, unknown>>
    if (errorCode === undefined && errors === undefined && detail === undefined) return null
    return { errorCode, errors: errors ?? detail }
  } catch {
    // Not JSON: nothing in it is fit for an error.
    return null
  }
}

function idOf (value: object): string | null {
  const id: unknown = Reflect.get(value, 'id')
  return typeof id === 'number' ? String(id) : typeof id === 'string' && id !== '' ? id : null
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
