import type { CallContext } from '../connect/api.ts'
import type { Account } from '../credentials/callers.ts'
import type { IdempotentAttempt } from './writes/attempt.ts'

/** A request as the operations see it: for which account it runs, and how its calls to Connect are made. */
export interface ReadContext extends CallContext {
  readonly account: Account
}

export interface WriteContext extends ReadContext {
  /** The attempt at the write that this request is. Without an Idempotency-Key it is the only one. */
  readonly attempt: IdempotentAttempt
  /**
   * Tells the audit log the status of the object before the write. The first call of a request counts. Gives the object
   * back.
   */
  readonly noteBefore: <T extends { readonly status?: unknown }>(object: T) => T
}
