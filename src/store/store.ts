import { hash } from 'node:crypto'

/**
 * What the service remembers between requests, in one place for one process (embedded) or for several (Redis). Every
 * change is compare-and-set; every operation rejects with StoreUnavailableError when the store cannot be relied on,
 * within half a second where it is remote.
 */
export interface StateStore {
  /** How long a claim lasts that nobody renews. */
  readonly leaseMs: number
  /**
   * Claims a key. `fingerprint` tells the request from others; null when it is not known yet.
   * The claim lasts as long as its lease, which `renew` extends.
   */
  begin (key: string, fingerprint: string | null): Promise<Begun>
  /** Extends the lease; false when the claim has passed to somebody else. */
  renew (claim: Claim): Promise<boolean>
  /**
   * Notes, durably, that from now on the claim's request may have had an effect; false when the claim is no longer
   * ours.
   */
  mark (claim: Claim, mark: Mark): Promise<boolean>
  /** Keeps the answer (at most MAX_ANSWER_BYTES) and ends the claim; false when it is no longer ours. */
  complete (claim: Claim, fingerprint: string, answer: string): Promise<boolean>
  /**
   * Ends the claim. With `mayHaveActed` what was marked stays; without, the key is as it was before the claim.
   * A claim that is no longer ours is left alone.
   */
  release (claim: Claim, mayHaveActed: boolean): Promise<void>
  /**
   * Counts for a rate limit: adds `cost` (1) to the key's count in a fixed window that begins with its first hit.
   * Gives the count, this hit included, and the milliseconds until it starts again from 0.
   */
  hit (key: string, windowMs: number, cost?: number): Hit | Promise<Hit>
  /** Resolves when the store takes work: it answers, and the last write worked, or one that is tried now. */
  health (): Promise<void>
  close (): Promise<void>
}

export interface Hit { count: number, resetMs: number }

/** Whoever holds it may change the key: its owner is unique, its fence grows with every claim of the key. */
export interface Claim {
  readonly key: string
  readonly owner: string
  readonly fence: number
}

/**
 * `sent`: a request went out that may have had an effect, so it is never simply sent again.
 * `ran`: work began that may be begun again, with the same fingerprint.
 */
export interface Mark {
  readonly as: 'sent' | 'ran'
  readonly fingerprint: string
  /** What a later request needs to find out what became of this one; at most MAX_NOTE_BYTES. */
  readonly note?: string | null
}

export type Begun =
  /**
   * Ours. `fingerprint` and `earlier` are those of an earlier request under this key, null when there is nothing of
   * one.
   */
  { kind: 'claimed', claim: Claim, fingerprint: string | null, earlier: Earlier | null } |
  { kind: 'in-flight' } |
  { kind: 'mismatch' } |
  { kind: 'done', fingerprint: string, answer: string }

/** An earlier request that was sent and whose outcome nobody noted. */
export interface Earlier {
  /** By the wall clock of the store, for people. */
  readonly sentAt: Date
  /**
   * How long ago that was, by the store's own clock: no clock of a replica has a part in it. Never more than it was.
   */
  readonly ageMs: number
  readonly note: string | null
}

export interface StoreTimes {
  /** How long a claim lasts that nobody renews. */
  readonly leaseMs: number
  /** How long a key is remembered. */
  readonly keepMs: number
}

export const STORE_TIMES: StoreTimes = { leaseMs: 30_000, keepMs: 24 * 3_600_000 }
export const MAX_ANSWER_BYTES = 1024 * 1024
export const MAX_NOTE_BYTES = 64 * 1024
/** Of what is stored; a store with values of another version is not touched. */
export const SCHEMA_VERSION = 1

export interface StoreLog {
  info: (facts: object, message: string) => void
  warn: (facts: object, message: string) => void
  error: (facts: object, message: string) => void
}

export const SILENT: StoreLog = { info: () => {}, warn: () => {}, error: () => {} }

/** The store cannot be relied on now. The message is for logs and holds no secret. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError'
}

/** The service cannot start with this store. The message is for whoever starts it. */
export class StoreStartError extends Error {
  override readonly name = 'StoreStartError'
}

/** Any text as a name of fixed length: what callers send never becomes a key of its own. */
export function hashed (text: string): string {
  return hash('sha256', text, 'base64url')
}

/** Whether both are known and not the same. */
export function differs (given: string | null, kept: string | null): boolean {
  return given !== null && kept !== null && given !== kept
}

/** Throws on what would outgrow the store; its callers look before. */
export function checkSizes (what: { answer?: string, note?: string | null | undefined }): void {
  if (Buffer.byteLength(what.answer ?? '') > MAX_ANSWER_BYTES) throw new RangeError('the answer is too large to keep')
  if (Buffer.byteLength(what.note ?? '') > MAX_NOTE_BYTES) throw new RangeError('the note is too large to keep')
}
