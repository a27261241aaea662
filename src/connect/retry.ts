import { ConnectResetError, ConnectResponseError, ConnectUnreachableError } from './errors.ts'
import type { Limits } from './limits.ts'

const RETRIED_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])
/** A name that does not exist and a certificate that does not fit are the same a second later. */
const RETRIED_CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'EAI_AGAIN'
])

/**
 * How long to wait before a read is tried again, or null to let the error stand. Never asked about writes: whether one
 * may be sent twice is known only to who can look what it did.
 */
export function retryPauseMs (error: unknown, attempt: number, limits: Limits, random: number): number | null {
  if (attempt > limits.maxRetries) return null
  const jitter = limits.retryPauseMinMs + random * (limits.retryPauseMaxMs - limits.retryPauseMinMs)
  if (error instanceof ConnectResetError) return jitter
  if (error instanceof ConnectUnreachableError) return RETRIED_CONNECT_CODES.has(error.code ?? '') ? jitter : null
  if (!(error instanceof ConnectResponseError)) return null

  const after = error.retryAfterSeconds
  if (after !== null && after > limits.maxRetryAfterSeconds) return null
  if (error.status === 429) return after === null ? null : after * 1000
  return RETRIED_STATUSES.has(error.status) ? Math.max(jitter, (after ?? 0) * 1000) : null
}
