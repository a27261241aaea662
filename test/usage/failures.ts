import {
  ConnectBadPayloadError,
  ConnectOverloadedError,
  ConnectResetError,
  ConnectResponseError,
  ConnectTimeoutError,
  ConnectUnreachableError
} from '../../src/connect/errors.ts'

/** Ends of calls to Connect, as its client tells them. */
const target = { operation: 'usageFiles.submit', method: 'POST', path: '/usage/files/UF-1/submit' }
const sent = { sent: 'maybe', bodyComplete: true, status: null } as const
const answered = (status: number) => ({ sent: 'yes', bodyComplete: true, status } as const)

export const timeout = () => new ConnectTimeoutError(target, sent, 'headers')
export const reset = () => new ConnectResetError(target, sent, 'ECONNRESET')
export const cutBody = () => new ConnectResetError(target, { ...sent, bodyComplete: false }, 'ECONNRESET')
export const unreachable = () => new ConnectUnreachableError(target, 'refused', 'ECONNREFUSED')
export const overloaded = () => new ConnectOverloadedError(target)
export const garbage = (status = 200) =>
  new ConnectBadPayloadError(
    target,
    answered(status),
    status < 300 ? 'json' : status < 400 ? 'redirect' : 'no-envelope'
  )
/** A 429 without Connect's envelope. */
export const throttledPage = (retryAfterSeconds: number | null = null) =>
  new ConnectResponseError(target, answered(429), { errorCode: null, errors: [] }, retryAfterSeconds, false)
export const response = (
  status: number,
  message = 'No.',
  operation = target.operation,
  retryAfterSeconds: number | null = null
) =>
  new ConnectResponseError(
    { ...target, operation },
    answered(status),
    { errorCode: 'USG_100', errors: [message] },
    retryAfterSeconds
  )
