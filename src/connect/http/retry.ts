import { ConnectBadPayloadError, ConnectResetError, ConnectResponseError, ConnectUnreachableError } from '../errors.ts'
import type { Limits } from '../limits.ts'

const RETRIED_STATUSES: ReadonlySet<number> = new Set([502, 503, 504])
/** An unknown name and a bad certificate are not in the list: a second later they would fail again. */
const RETRIED_CONNECT_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EPIPE', 'EAI_AGAIN'
])

/**
 * Gives the pause in milliseconds before a read, or a write that was not sent, is tried again; null when it is not.
 * `attempt` is the number of the attempt that failed, from 1. `random` is from 0 to 1. Not for a write that was sent:
 * the code that uses this client reads back what that write did.
 */
export function retryPauseMs (error: unknown, attempt: number, limits: Limits, random: number): number | null {
  if (attempt > limits.maxRetries) return null
  const jitter = limits.retryPauseMinMs + random * (limits.retryPauseMaxMs - limits.retryPauseMinMs)
  if (error instanceof ConnectResetError) return jitter
  // A response about another object: one retry without a pause. The answers on its socket may be one call late, and
  // that socket is destroyed. Against a cache, or a filter that Connect ignores, more retries would not help.
  if (isOtherObject(error)) return attempt === 1 ? 0 : null
  if (error instanceof ConnectUnreachableError) return RETRIED_CONNECT_CODES.has(error.code ?? '') ? jitter : null
  if (!(error instanceof ConnectResponseError)) return null

  const after = error.retryAfterSeconds
  if (after !== null && after > limits.maxRetryAfterSeconds) return null
  if (error.status === 429) return after === null ? null : after * 1000
  return RETRIED_STATUSES.has(error.status) ? Math.max(jitter, (after ?? 0) * 1000) : null
}

/**
 * Whether Connect answered about another object than the call asked for, or with rows that the filter does not allow.
 */
export function isOtherObject (error: unknown): boolean {
  return error instanceof ConnectBadPayloadError && error.reason === 'other-object'
}

const MAX_RETRIES = 10
const RETRIES_PER_SECOND = 1
const RETRIES_PER_CALL = 0.1

/**
 * Limits retries: if Connect is down and each read is sent three times, that load could keep Connect down. A retry
 * takes 1 from the budget. Each call of `addCall` adds 0.1 to the budget, and each second adds 1, up to 10.
 */
export class RetryBudget {
  readonly #now: () => number
  #left = MAX_RETRIES
  #countedAt: number

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
    this.#countedAt = now()
  }

  addCall (): void {
    this.#add(RETRIES_PER_CALL)
  }

  /** Takes one retry from the budget. False when less than one retry is left. */
  take (): boolean {
    const now = this.#now()
    this.#add((now - this.#countedAt) / 1000 * RETRIES_PER_SECOND)
    this.#countedAt = now
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  #add (retries: number): void {
    this.#left = Math.min(MAX_RETRIES, this.#left + retries)
  }
}
