import type { CallContext } from '../connect/api.ts'
import type { Account, Actor } from '../credentials/callers.ts'
import type { IdempotentAttempt } from './writes/attempt.ts'

/** What a read needs beside its input: who asks, and the options of its calls to Connect. */
export interface ReadContext extends CallContext {
  readonly account: Account
  readonly actor: Actor
}

export interface WriteContext extends ReadContext {
  /** This request as one attempt at the write. */
  readonly attempt: IdempotentAttempt
  /** Notes the status of an object before the write, for the audit log. Only the first call of a request notes it. */
  readonly noteBefore: <T extends { readonly status?: unknown }>(object: T) => T
}
