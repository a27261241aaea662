/** The errors of the Connect client. An error of undici never becomes a `cause`: it may hold raw bytes and sockets. */
import { redactCode, redactTexts } from './redact.ts'

/**
 * Whether Connect may have the request. `no`: nothing was sent (of an upload: no byte of its body). `maybe`: the
 * sending has begun, and no response came. `yes`: the head of a response came.
 */
export type Sent = 'no' | 'maybe' | 'yes'

export type ConnectErrorKind = 'timeout' | 'unreachable' | 'reset' | 'aborted' | 'response' | 'bad-payload' |
  'overloaded' | 'body' | 'storage-refused' | 'invalid-id' | 'unquotable-value'

/** `path` has no query. For storage it is the origin only, because signed links are secrets. */
export interface CallTarget {
  readonly operation: string
  readonly method: string
  readonly path: string
}

export interface Progress {
  readonly sent: Sent
  /** Whether the whole request may have left. When false, Connect cannot have acted on the request. */
  readonly bodyComplete: boolean
  /** Null until the headers of the response have come. 429 for a call that was not sent because of an earlier 429. */
  readonly status: number | null
}

export const NOTHING_SENT: Progress = { sent: 'no', bodyComplete: false, status: null }

export class ConnectError extends Error {
  override readonly name: string = 'ConnectError'
  readonly kind: ConnectErrorKind
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly sent: Sent
  readonly bodyComplete: boolean
  readonly status: number | null
  /** Of undici or the system, such as `ECONNREFUSED`. For logs, and to decide whether a read is sent again. */
  readonly code: string | null

  constructor (
    kind: ConnectErrorKind, text: string, target: CallTarget, progress: Progress, code: string | null = null
  ) {
    super(`${target.operation}: ${text}`)
    this.kind = kind
    this.operation = target.operation
    this.method = target.method
    this.path = target.path
    this.sent = progress.sent
    this.bodyComplete = progress.bodyComplete
    this.status = progress.status
    this.code = code
  }
}

export type TimeoutPhase = 'connect' | 'headers' | 'body' | 'upload' | 'total'

export class ConnectTimeoutError extends ConnectError {
  override readonly name: string = 'ConnectTimeoutError'
  readonly phase: TimeoutPhase

  constructor (target: CallTarget, progress: Progress, phase: TimeoutPhase) {
    super('timeout', `no answer in time (${phase})`, target, progress)
    this.phase = phase
  }
}

export type UnreachableReason = 'dns' | 'refused' | 'tls' | 'network'

/** A call failed before it was sent (an upload: before a byte of its body), mostly because no connection was made. */
export class ConnectUnreachableError extends ConnectError {
  override readonly name: string = 'ConnectUnreachableError'
  readonly reason: UnreachableReason

  constructor (target: CallTarget, reason: UnreachableReason, code: string | null) {
    super('unreachable', `no connection (${reason})`, target, NOTHING_SENT, code)
    this.reason = reason
  }
}

/** The connection of a call was made, but it was lost before the whole response had come. */
export class ConnectResetError extends ConnectError {
  override readonly name: string = 'ConnectResetError'

  constructor (target: CallTarget, progress: Progress, code: string | null) {
    super('reset', 'the connection was lost', target, progress, code)
  }
}

/** A call ended because the `signal` of its context aborted, or because the client was closed. */
export class ConnectAbortedError extends ConnectError {
  override readonly name: string = 'ConnectAbortedError'

  constructor (target: CallTarget, progress: Progress = NOTHING_SENT) {
    super('aborted', 'ended by the caller', target, progress)
  }
}

/** Whether the status says that a gateway no longer waits for Connect. Connect may still act on the call. */
export function hasGivenUp (status: number | null): boolean {
  return status === 408 || status === 499 || status === 504
}

/**
 * An error status of Connect (a 4xx with its envelope, or a 5xx), of a gateway in front of Connect (a 429, a 413 during
 * an upload, or a 5xx), or of the storage. Also a 429 for a call that was not sent because of an earlier 429.
 */
export class ConnectResponseError extends ConnectError {
  override readonly name: string = 'ConnectResponseError'
  declare readonly status: number
  readonly errorCode: string | null
  readonly errors: readonly string[]
  readonly retryAfterSeconds: number | null
  /** False: the answer may come from a gateway or the storage. True also for the 429 of a call that was not sent. */
  readonly hasEnvelope: boolean

  constructor (
    target: CallTarget,
    progress: Progress & { readonly status: number },
    envelope: { readonly errorCode: unknown, readonly errors: unknown },
    retryAfterSeconds: number | null,
    hasEnvelope = true
  ) {
    super('response', `answered ${progress.status}`, target, progress)
    this.errorCode = redactCode(envelope.errorCode)
    this.errors = redactTexts(envelope.errors)
    this.retryAfterSeconds = retryAfterSeconds
    this.hasEnvelope = hasEnvelope
  }
}

export type BadPayloadReason = 'redirect' | 'not-http' | 'headers-too-large' | 'too-large' | 'content-type' | 'json' |
  'too-deep' | 'too-many' | 'shape' | 'empty' | 'early-success' | 'encoding' | 'status' | 'no-length' |
  'no-envelope' | 'other-object' | 'not-a-workbook'

/** A response came that cannot be used. `no-envelope`: a 4xx without the envelope of Connect's errors. */
export class ConnectBadPayloadError extends ConnectError {
  override readonly name: string = 'ConnectBadPayloadError'
  readonly reason: BadPayloadReason
  /** The texts of a 4xx without an envelope; empty for every other reason. */
  readonly errors: readonly string[]

  constructor (target: CallTarget, progress: Progress, reason: BadPayloadReason, texts?: unknown) {
    super('bad-payload', `unusable answer (${reason})`, target, progress)
    this.reason = reason
    this.errors = redactTexts(texts ?? [])
  }
}

/** No slot of the pool became free in time, or too many calls wait for a slot. Nothing was sent. */
export class ConnectOverloadedError extends ConnectError {
  override readonly name: string = 'ConnectOverloadedError'

  constructor (target: CallTarget) {
    super('overloaded', 'too many calls at once', target, NOTHING_SENT)
  }
}

/** The source of an upload failed, or did not have the announced length. So Connect got no complete body. */
export class ConnectBodyError extends ConnectError {
  override readonly name: string = 'ConnectBodyError'
  readonly reason: 'source-failed' | 'length-mismatch'

  constructor (
    target: CallTarget, progress: Progress, reason: 'source-failed' | 'length-mismatch', cause?: unknown
  ) {
    super('body', `the request body failed (${reason})`, target, progress)
    this.reason = reason
    if (cause !== undefined) this.cause = cause
  }
}

export type StorageRefusal = 'not-a-url' | 'scheme' | 'host' | 'credentials' | 'address'

/** The URL allowlist refuses a link, or the host of the link has a private address. Nothing was sent. */
export class StorageRefusedError extends ConnectError {
  override readonly name: string = 'StorageRefusedError'
  readonly reason: StorageRefusal

  constructor (target: CallTarget, reason: StorageRefusal) {
    super('storage-refused', `link not followed (${reason})`, target, NOTHING_SENT)
    this.reason = reason
  }
}

/** An id in the path does not have the form of an id of Connect. Nothing was sent. */
export class InvalidIdError extends ConnectError {
  override readonly name: string = 'InvalidIdError'

  constructor (target: CallTarget) {
    super('invalid-id', 'not an identifier', target, NOTHING_SENT)
  }
}

/** RQL cannot express a value of the filter, or the filter has an empty list of values. Nothing was sent. */
export class UnquotableValueError extends ConnectError {
  override readonly name: string = 'UnquotableValueError'
  readonly field: string

  constructor (target: CallTarget, field: string) {
    super('unquotable-value', `cannot filter by this value of ${field}`, target, NOTHING_SENT)
    this.field = field
  }
}
