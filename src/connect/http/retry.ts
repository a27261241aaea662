import { ConnectBadPayloadError, ConnectResetError, ConnectResponseError, ConnectUnreachableError } from '../errors.ts'
import type { Limits } from '../limits.ts'

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
  // Once, and at once: a stray answer goes with its socket; a cache, or a filter that is ignored, stays.
  if (isOtherObject(error)) return attempt === 1 ? 0 : null
  if (error instanceof ConnectUnreachableError) return RETRIED_CONNECT_CODES.has(error.code ?? '') ? jitter : null
  if (!(error instanceof ConnectResponseError)) return null

  const after = error.retryAfterSeconds
  if (after !== null && after > limits.maxRetryAfterSeconds) return null
  if (error.status === 429) return after === null ? null : after * 1000
  return RETRIED_STATUSES.has(error.status) ? Math.max(jitter, (after ?? 0) * 1000) : null
}

/** The answer is well-formed and about something else. */
export function isOtherObject (error: unknown): boolean {
  return error instanceof ConnectBadPayloadError && error.reason === 'other-object'
}

/** Retries in a row that a calm client has, and how many each second brings back beside those that calls bring. */
const MAX_RETRIES_AT_HAND = 10
const RETRIES_PER_SECOND = 1
const RETRIES_PER_CALL = 0.1

/**
 * Bounds the retries of all calls together: while Connect is down every read would be three calls, and all of them
 * would keep it down. Each call brings a tenth of a retry.
 */
export interface RetryBudget {
  called (): void
  /** True when one more retry may be made; it is spent then. */
  take (): boolean
}

export function createRetryBudget (now: () => number = () => performance.now()): RetryBudget {
  let atHand = MAX_RETRIES_AT_HAND
  let since = now()
  const add = (amount: number): void => { atHand = Math.min(MAX_RETRIES_AT_HAND, atHand + amount) }

  return {
    called: () => { add(RETRIES_PER_CALL) },
    take () {
      const at = now()
      add((at - since) / 1000 * RETRIES_PER_SECOND)
      since = at
      if (atHand < 1) return false
      atHand -= 1
      return true
    }
  }
}
