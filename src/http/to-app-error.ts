import { AppError } from '../errors/app-error.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { StoreUnavailableError } from '../store/store.ts'
import {
  ConnectBadPayloadError, ConnectError, ConnectResponseError, StorageRefusedError
} from '../connect/errors.ts'

const NOTHING_CHANGED = 'Nothing was changed by this request.'

/** Gives the error that the caller gets. An error for which there is no rule here becomes 500 INTERNAL. */
export function toAppError (error: unknown): AppError {
  if (error instanceof AppError) return error
  if (error instanceof StoreUnavailableError) {
    return new AppError(
      'STORE_UNAVAILABLE',
      'The state store does not answer, so the service makes no changes now. Reads work. Send the same request again.',
      { retryAfterSeconds: 1, cause: error }
    )
  }
  if (error instanceof ConnectError) return fromConnect(error)
  return fromFramework(error)
}

function fromConnect (error: ConnectError): AppError {
  const failed = (code: ErrorCode, detail: string): AppError => new AppError(code, detail, { cause: error })
  switch (error.kind) {
    case 'response':
      return fromResponse(error as ConnectResponseError)
    case 'timeout':
    case 'reset':
    case 'aborted':
      return fromInterruption(error, error.kind)
    case 'bad-payload':
      return fromBadPayload(error as ConnectBadPayloadError)
    case 'unreachable':
      return failed('UPSTREAM_UNREACHABLE', 'No connection to Connect could be made.')
    case 'overloaded':
      return failed('OVERLOADED', 'Too many calls to Connect are running.')
    case 'storage-refused':
      return failed(
        'UPSTREAM_INVALID',
        `Connect's link to the file is not one this service follows (${(error as StorageRefusedError).reason}).`
      )
    case 'invalid-id':
      return new AppError('VALIDATION_FAILED', 'An identifier has characters that identifiers do not have.', {
        cause: error
      })
    // The field in this error has Connect's name, which callers do not know, so it is not shown.
    case 'unquotable-value':
      return failed('VALIDATION_FAILED', 'A text holds both kinds of quotes, or characters that Connect cannot find.')
    case 'body':
      return failed('INTERNAL', 'The request could not be sent on.')
  }
}

function fromBadPayload (error: ConnectBadPayloadError): AppError {
  const { status, errors, reason } = error
  const tooLarge = status === 413 ? ' The body is probably too large for the gateway.' : ''
  const detail = reason === 'no-envelope'
    ? `A gateway in front of Connect, and not Connect itself, answered ${status}.${tooLarge}`
    : 'Connect answered with something this service cannot use.'
  return new AppError('UPSTREAM_INVALID', detail, {
    ...(status !== null && errors.length > 0 && { connect: { status, errorCode: null, errors: [...errors] } }),
    cause: error
  })
}

const UNKNOWN: Readonly<Record<Interruption, string>> = {
  timeout:
    'Connect did not answer in time and cannot be asked whether it acted. ' +
    'Read the object before you repeat the request.',
  reset:
    'The connection to Connect was lost before its answer, and it cannot be asked whether it acted. Read the object ' +
    'before you repeat the request.',
  aborted: 'This instance is stopping before Connect has answered. Read the object before you repeat the request.'
}

type Interruption = 'timeout' | 'reset' | 'aborted'

/** A write whose whole body Connect may have received is OUTCOME_UNKNOWN. Every other call had no effect. */
function fromInterruption (error: ConnectError, kind: Interruption): AppError {
  const isWrite = error.method !== 'GET'
  if (isWrite && error.sent !== 'no' && error.bodyComplete) {
    return new AppError('OUTCOME_UNKNOWN', UNKNOWN[kind], { cause: error })
  }
  const failed = (code: ErrorCode, detail: string): AppError => new AppError(code, detail, { cause: error })
  switch (kind) {
    case 'timeout':
      return failed(
        'UPSTREAM_TIMEOUT',
        isWrite ? `Connect took too long. ${NOTHING_CHANGED}` : 'Connect did not answer in time.'
      )
    case 'reset':
      return failed(
        'UPSTREAM_RESET',
        isWrite
          ? `The connection to Connect was lost on the way. ${NOTHING_CHANGED}`
          : 'The connection to Connect was lost.'
      )
    // The service closes its client when it stops. A call also ends when its caller leaves: then no caller gets this
    // answer.
    case 'aborted':
      return failed('DRAINING', `This instance is stopping. ${NOTHING_CHANGED} Send it again.`)
  }
}

function fromResponse (error: ConnectResponseError): AppError {
  const connect = { status: error.status, errorCode: error.errorCode, errors: [...error.errors] }
  const reasons = error.errors.length > 0 ? `: ${error.errors.join(' ')}` : '.'
  switch (error.status) {
    case 401:
      return new AppError('UPSTREAM_CREDENTIAL', 'Connect refused the credential of this service; your own is fine.', {
        cause: error
      })
    case 403:
      return new AppError('CONNECT_FORBIDDEN', `Connect does not allow this to the account${reasons}`, {
        connect,
        cause: error
      })
    case 404:
      return new AppError('NOT_FOUND', 'Connect does not know this object.', { connect, cause: error })
    case 429:
      return new AppError('UPSTREAM_THROTTLED', 'Connect is throttling its callers.', {
        retryAfterSeconds: error.retryAfterSeconds ?? 1,
        cause: error
      })
  }
  if (error.status >= 500) {
    return new AppError('UPSTREAM_FAILED', 'Connect failed to handle the request.', { connect, cause: error })
  }
  return new AppError('CONNECT_REJECTED', `Connect refused the request${reasons}`, { connect, cause: error })
}

const FRAMEWORK_CODES: Readonly<Record<string, [ErrorCode, string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['UNSUPPORTED_MEDIA_TYPE', 'This address does not take a body of this Content-Type.'],
  FST_ERR_CTP_BODY_TOO_LARGE: ['BODY_TOO_LARGE', 'The body is larger than this address takes.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['MALFORMED_BODY', 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['MALFORMED_BODY', 'The body is not well-formed JSON.']
}

function fromFramework (error: unknown): AppError {
  const { code, statusCode } = error as { code?: string, statusCode?: number }
  const known = code === undefined ? undefined : FRAMEWORK_CODES[code]
  if (known !== undefined) return new AppError(...known, { cause: error })
  if (error instanceof SyntaxError && statusCode === 400) {
    return new AppError('MALFORMED_BODY', 'The body is not well-formed JSON.', { cause: error })
  }
  if (statusCode === 403 || statusCode === 404) {
    return new AppError('NOT_FOUND', 'There is nothing at this address.', { cause: error })
  }
  if (code === 'ECONNRESET' || (statusCode !== undefined && statusCode >= 400 && statusCode < 500)) {
    return new AppError('MALFORMED_BODY', 'The request cannot be read.', { cause: error })
  }
  return new AppError('INTERNAL', 'Something went wrong in this service. The request id leads to its log.', {
    cause: error
  })
}
