import {
  ConnectAbortedError, ConnectBadPayloadError, ConnectResetError, ConnectTimeoutError, ConnectUnreachableError,
  StorageRefusedError
} from '../errors.ts'
import type { CallTarget, Progress, UnreachableReason } from '../errors.ts'

/** The error code of a DNS lookup that found a private address. */
export const ADDRESS_REFUSED = 'ERR_STORAGE_ADDRESS_REFUSED'

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|UNABLE_TO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO$)/
const DNS_CODE = /^(?:ENOTFOUND|EAI_|ENODATA|ESERVFAIL|ENODOMAIN)/

/**
 * Gives a TypeError when undici refuses the arguments of the request, else a ConnectError. The text of the error and
 * its attached bytes are dropped: they may hold secrets.
 */
export function classifyFailure (error: unknown, target: CallTarget, progress: Progress): Error {
  const code = textOf(error, 'code')
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') return new ConnectAbortedError(target, progress)
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new ConnectTimeoutError(target, progress, 'connect')
  if (code === ADDRESS_REFUSED) return new StorageRefusedError(target, 'address')
  if (code === 'UND_ERR_INVALID_ARG') return new TypeError(`${target.operation}: the request cannot be put into HTTP`)
  if (progress.sent === 'no' && !isLostConnection(code)) {
    return new ConnectUnreachableError(target, unreachableReason(code), code)
  }
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT': return new ConnectTimeoutError(target, progress, 'headers')
    case 'UND_ERR_BODY_TIMEOUT': return new ConnectTimeoutError(target, progress, 'body')
    case 'UND_ERR_HEADERS_OVERFLOW': return new ConnectBadPayloadError(target, progress, 'headers-too-large')
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE': return new ConnectBadPayloadError(target, progress, 'too-large')
    default:
      // After the headers, undici gives HTTPParserError also when the connection ends in the middle of a chunked body.
      // So it counts as a lost connection then. Before the headers, the response is not valid HTTP.
      return textOf(error, 'name') === 'HTTPParserError' && progress.status === null
        ? new ConnectBadPayloadError(target, progress, 'not-http')
        : new ConnectResetError(target, progress, code)
  }
}

function isLostConnection (code: string | null): boolean {
  return code === 'UND_ERR_SOCKET'
}

function unreachableReason (code: string | null): UnreachableReason {
  if (code === 'ECONNREFUSED') return 'refused'
  if (code !== null && DNS_CODE.test(code)) return 'dns'
  if (code !== null && TLS_CODE.test(code)) return 'tls'
  return 'network'
}

function textOf (error: unknown, key: 'code' | 'name'): string | null {
  if (typeof error !== 'object' || error === null) return null
  const value: unknown = Reflect.get(error, key)
  return typeof value === 'string' && /^[\w-]{1,60}$/.test(value) ? value : null
}
