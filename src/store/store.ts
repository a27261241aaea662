import { hash } from 'node:crypto'
import { StartError } from '../errors/start-error.ts'

/**
 * Stores idempotency keys, answers and counters for one process (embedded) or for several (Redis). A method that takes
 * a claim checks it in the same step as it changes the key. A method that meets a fault of the store may reject with
 * StoreUnavailableError. With Redis it does so within half a second, except `health`.
 */
export interface StateStore {
  /** Milliseconds after which another request may take the key of a claim that was not renewed. */
  readonly leaseMs: number
  /**
   * Claims the key for a request, unless another request has the key, an answer is stored under it, or the fingerprints
   * differ. `fingerprint` identifies the content of the request. It is null when the content is not known yet.
   */
  begin (key: string, fingerprint: string | null): Promise<Begun>
  /** Sets the end of the lease to `leaseMs` from now. False when the claim has ended. */
  renew (claim: Claim): Promise<boolean>
  /** Stores that from now on the request may have had an effect. False when the claim has ended: nothing was stored. */
  mark (claim: Claim, mark: Mark): Promise<boolean>
  /** Stores the answer and ends the claim. False when the claim has ended before: nothing was stored. */
  complete (claim: Claim, fingerprint: string, answer: string): Promise<boolean>
  /**
   * Ends the claim. With `mayHaveActed` the mark of the request stays, if it made one. Without it, the key returns to
   * its state before the claim. Does nothing when the claim has ended.
   */
  release (claim: Claim, mayHaveActed: boolean): Promise<void>
  /** Counts for a rate limit: adds `cost` (default 1) in a fixed window, which begins with the first hit of the key. */
  hit (key: string, windowMs: number, cost?: number): Hit | Promise<Hit>
  /** Rejects with StoreUnavailableError unless the store takes writes and, with Redis, the user has all rights. */
  health (): Promise<void>
  close (): Promise<void>
}

/** What `StateStore.hit` gives: the count with this hit, and the milliseconds until it starts again from 0. */
export interface Hit { count: number, resetMs: number }

/**
 * The right of one request to change a key. It ends with `complete` or `release`. After its lease it also ends when
 * another request claims the key or the store removes the claim. `fence` grows with each claim of a key: in Redis as
 * long as Redis has an entry for the key, in the embedded store until its process ends.
 */
export interface Claim {
  readonly key: string
  readonly owner: string
  readonly fence: number
}

/**
 * What a request stores under its key before it may have an effect. `sent`: a call that may have an effect is about to
 * be sent. No later request sends it again without a check. `ran`: work has begun, and a later request with the same
 * fingerprint may begin it again.
 */
export interface Mark {
  readonly as: 'sent' | 'ran'
  readonly fingerprint: string
  /** What a later request needs to learn the outcome of this one. At most MAX_NOTE_BYTES. */
  readonly note?: string | null
}

export type Begun =
  /** `fingerprint` is that of the last mark of an earlier request. `earlier` is that request if its mark is `sent`. */
  { kind: 'claimed', claim: Claim, fingerprint: string | null, earlier: Earlier | null } |
  { kind: 'in-flight' } |
  /** A request with this key that runs or is over has another fingerprint. */
  { kind: 'mismatch' } |
  { kind: 'done', fingerprint: string, answer: string }

/** An earlier request with the same key that marked the key as `sent`, and whose answer is not stored. */
export interface Earlier {
  /** When the earlier request marked the key, by the wall clock of the store. For messages only. */
  readonly sentAt: Date
  /**
   * Milliseconds since that mark, by the clock of the store. May be too small after a restart of the embedded store,
   * but not too large. In Redis it is wrong by as much as the clock of Redis was changed.
   */
  readonly ageMs: number
  readonly note: string | null
}

export interface StoreTimes {
  readonly leaseMs: number
  /** The milliseconds from the last mark or answer of a key until the store forgets the key. */
  readonly keepMs: number
}

export const STORE_TIMES: StoreTimes = { leaseMs: 30_000, keepMs: 24 * 3_600_000 }
export const MAX_ANSWER_BYTES = 1024 * 1024
export const MAX_NOTE_BYTES = 64 * 1024
/** For a key with values of another version the store changes nothing and throws StoreUnavailableError. */
export const SCHEMA_VERSION = 1

export interface StoreLog {
  info: (facts: object, message: string) => void
  warn: (facts: object, message: string) => void
  error: (facts: object, message: string) => void
}

export const SILENT: StoreLog = { info: () => {}, warn: () => {}, error: () => {} }

/** Tells that the store does not work at present. The message is for logs and has no secret. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}

export class StoreStartError extends StartError {
  override readonly name = 'StoreStartError'
}

/** Gives the SHA-256 of a text in base64url. Stored keys are such hashes, so that no text of a caller is in a key. */
export function hashed (text: string): string {
  return hash('sha256', text, 'base64url')
}

export function areDifferent (given: string | null, kept: string | null): boolean {
  return given !== null && kept !== null && given !== kept
}

/** Whether the store takes a note of this length. */
export function isStorable (note: string): boolean {
  return Buffer.byteLength(note) <= MAX_NOTE_BYTES
}

/** Throws RangeError for an answer or note that is too large: a bug of the code that uses the store. */
export function checkSizes (what: { answer?: string, note?: string | null | undefined }): void {
  if (Buffer.byteLength(what.answer ?? '') > MAX_ANSWER_BYTES) throw new RangeError('the answer is too large to keep')
  if (!isStorable(what.note ?? '')) throw new RangeError('the note is too large to keep')
}
