import type { CallContext } from '../connect/api.ts'
import type { Account, Actor } from '../credentials/callers.ts'
import type { IdempotentAttempt } from './writes/attempt.ts'

/** The context of a read: the account and the caller, with the options of the calls to Connect. */
export interface ReadContext extends CallContext {
  readonly account: Account
  readonly actor: Actor
}

export interface WriteContext extends ReadContext {
  /** This request as an attempt at the write. Without an Idempotency-Key it has no earlier attempt. */
  readonly attempt: IdempotentAttempt
  /**
   * Notes the status that an object has before the write, for the audit log, and gives the object back. Only the first
   * call of a request notes anything.
   */
  readonly noteBefore: <T extends { readonly status?: unknown }>(object: T) => T
}
