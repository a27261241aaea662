import { ConnectResponseError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'

/** A mistaken Retry-After must not lock an account out for years: after this somebody may ask Connect again. */
const MAX_HOLD_MS = 300_000
/** Timers may fire a moment early. */
const SLACK_MS = 5

/**
 * What Connect said about coming again: with a 429 it throttles an account, not the one read that was told. Writes are
 * sent all the same: Connect knows best whether it takes one, and a 429 means that it did not.
 */
export interface Throttles {
  /** Keeps a 429 with its Retry-After; anything else does not matter. */
  note (credential: string, error: unknown): void
  /** Throws the 429 again, with the time that is left, while no read may be made with this credential. */
  check (credential: string, target: CallTarget): void
}

export function createThrottles (now: () => number = () => performance.now()): Throttles {
  const holds = new Map<string, number>()

  return {
    note (credential, error) {
      if (!(error instanceof ConnectResponseError) || error.status !== 429 || error.retryAfterSeconds === null) return
      // Thrown by `check`: noting it would put off the end for as long as anybody asks.
      if (error.sent === 'no') return
      const until = now() + Math.min(error.retryAfterSeconds * 1000, MAX_HOLD_MS)
      holds.set(credential, Math.max(until, holds.get(credential) ?? 0))
    },
    check (credential, target) {
      const until = holds.get(credential)
      if (until === undefined) return
      const leftMs = until - now()
      if (leftMs <= SLACK_MS) {
        holds.delete(credential)
        return
      }
      const progress = { sent: 'no' as const, bodyComplete: false, status: 429 }
      throw new ConnectResponseError(target, progress, { errorCode: null, errors: [] }, Math.ceil(leftMs / 1000))
    }
  }
}
