import type { CallContext } from '../connect/api.ts'
import type { Account, Actor } from '../credentials/callers.ts'
import type { IdempotentAttempt } from './writes/attempt.ts'

/** The context of a read: its account, and the options of its calls to Connect. */
export interface ReadContext extends CallContext {
  readonly account: Account
  readonly actor: Actor
}

export interface WriteContext extends ReadContext {
  /** The attempt at the write. Without an Idempotency-Key there is no earlier attempt. */
  readonly attempt: IdempotentAttempt
  /**
   * Notes the status of the object before the write, for the audit log. Only the first call of a request counts. Gives
   * the object back.
   */
  readonly noteBefore: <T extends { readonly status?: unknown }>(object: T) => T
}
