import { randomUUID } from 'node:crypto'
import { createLocalCounter } from '../limits/hit-counter.ts'
import { DUE, dueKey, openDatabase, reasonOf, type Database, type Kept } from './embedded-database.ts'
import { OWNER } from './embedded-owner.ts'
import {
  areDifferent, checkSizes, hashed, MAX_NOTE_BYTES, SCHEMA_VERSION, SILENT, STORE_TIMES, StoreUnavailableError,
  type Begun, type Claim, type Hit, type Mark, type StateStore, type StoreLog, type StoreTimes
} from './store.ts'
import { WriteTrial } from './trial.ts'

interface Held {
  claim: Claim
  /** When the lease of the claim ends, by `performance.now()`. */
  until: number
  fingerprint: string | null
  /** The entry that the key had on disk before the claim. Null when it had none, or an expired one. */
  before: Kept | null
  hasMarked: boolean
  /** The number of writes for this claim that run now. While it is not 0, no other request gets the key. */
  writing: number
}

export interface EmbeddedOptions extends StoreTimes {
  now: () => number
  sweepMs: number
  log: StoreLog
}

const DEFAULTS: EmbeddedOptions = { ...STORE_TIMES, now: Date.now, sweepMs: 60_000, log: SILENT }
const SWEEP_KEYS = 500
const TRIAL = 'trial'

/**
 * Opens the store of one process in a folder. Throws StoreStartError when the store cannot be opened, and when another
 * process visibly uses it (see `takeOwnership`). Marks and answers are on disk. Claims are in memory and end with the
 * process, so after a crash no request waits for a lease. Writes go through `ifVersion`, because transactions with a
 * callback were never completed in trials with lmdb 3.5.6.
 */
export async function openEmbeddedStore (path: string, given: Partial<EmbeddedOptions> = {}): Promise<StateStore> {
  const options = { ...DEFAULTS, ...given }
  const { db, version } = await openDatabase(path, options.log)
  return new EmbeddedStore(db, version, options)
}

/** The most keys of one kind of rate limit that are counted at the same time. */
const MAX_WINDOWS = 100_000

class EmbeddedStore implements StateStore {
  readonly leaseMs: number
  readonly #db: Database
  readonly #version: number
  readonly #options: EmbeddedOptions
  readonly #held = new Map<string, Held>()
  /** In memory only: after a restart each window begins anew. */
  readonly #counter = createLocalCounter(MAX_WINDOWS)
  readonly #openedAt = performance.now()
  readonly #trial: WriteTrial
  readonly #sweeper: NodeJS.Timeout
  #fence = 0
  #failure: string | null = null
  #isClosed = false

  constructor (db: Database, version: number, options: EmbeddedOptions) {
    this.#db = db
    this.#version = version
    this.#options = options
    this.leaseMs = options.leaseMs
    // The trial writes as many bytes as the largest note has. So its success shows that there is room for a mark.
    this.#trial = new WriteTrial(async () => {
      await this.#change(null, () => { this.#put(TRIAL, 'x'.repeat(MAX_NOTE_BYTES)) })
      this.#trial.noteSuccess()
    }, options.log)
    this.#sweeper = setInterval(() => { void this.#sweep() }, options.sweepMs).unref()
  }

  /** There is no `await` between reading and claiming a key, so two requests cannot both claim it. */
  async begin (text: string, fingerprint: string | null): Promise<Begun> {
    const key = hashed(text)
    const before = this.#read(key)
    const held = this.#held.get(key)
    if (held !== undefined && (held.writing > 0 || held.until > performance.now())) {
      return areDifferent(fingerprint, held.fingerprint ?? before?.fingerprint ?? null)
        ? { kind: 'mismatch' }
        : { kind: 'in-flight' }
    }
    if (before !== null && areDifferent(fingerprint, before.fingerprint)) return { kind: 'mismatch' }
    if (before?.base === 'done') return { kind: 'done', fingerprint: before.fingerprint, answer: before.answer ?? '' }
    const claim = { key, owner: randomUUID(), fence: this.#fence += 1 }
    this.#held.set(key, { claim, until: this.#leaseEnd(), fingerprint, before, hasMarked: false, writing: 0 })
    const earlier = before?.base === 'sent'
      ? { sentAt: new Date(before.sentAt), ageMs: this.#ageMs(before), note: before.note ?? null }
      : null
    return { kind: 'claimed', claim, fingerprint: before?.fingerprint ?? null, earlier }
  }

  async renew (claim: Claim): Promise<boolean> {
    const held = this.#own(claim)
    if (held !== null) held.until = this.#leaseEnd()
    return held !== null
  }

  async mark (claim: Claim, { as, fingerprint, note }: Mark): Promise<boolean> {
    checkSizes({ note })
    const held = this.#own(claim)
    if (held === null) return false
    held.hasMarked = true
    held.fingerprint = fingerprint
    await this.#write(held, { base: as, fingerprint, note: note ?? null })
    return true
  }

  async complete (claim: Claim, fingerprint: string, answer: string): Promise<boolean> {
    checkSizes({ answer })
    const held = this.#own(claim)
    if (held === null) return false
    await this.#write(held, { base: 'done', fingerprint, answer })
    this.#held.delete(claim.key)
    return true
  }

  async release (claim: Claim, mayHaveActed: boolean): Promise<void> {
    const held = this.#own(claim)
    if (held === null) return
    if (!mayHaveActed && held.hasMarked) await this.#restore(held)
    this.#held.delete(claim.key)
  }

  hit (key: string, windowMs: number, cost = 1): Hit {
    return this.#counter.hit(key, windowMs, cost)
  }

  async health (): Promise<void> {
    if (this.#failure !== null) throw new StoreUnavailableError(this.#failure)
    await this.#trial.check()
  }

  async close (): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    clearInterval(this.#sweeper)
    this.#failure ??= 'the store is closed'
    await this.#db.remove(OWNER, this.#version).catch(() => {})
    await this.#db.close()
  }

  #leaseEnd (): number {
    return performance.now() + this.#options.leaseMs
  }

  /**
   * Gives the milliseconds since an entry was written. For an entry of another process, whose clock is another one: the
   * milliseconds since this process opened the store.
   */
  #ageMs ({ at, by }: Kept): number {
    return performance.now() - (at !== undefined && by === this.#version ? at : this.#openedAt)
  }

  #own ({ key, owner, fence }: Claim): Held | null {
    const held = this.#held.get(key)
    return held !== undefined && held.claim.owner === owner && held.claim.fence === fence ? held : null
  }

  #read (key: string): Kept | null {
    if (this.#failure !== null) throw new StoreUnavailableError(this.#failure)
    const kept = this.#db.get(key) as Kept | undefined
    if (kept === undefined || kept.expiresAt <= this.#options.now()) return null
    if (kept.v !== SCHEMA_VERSION) throw new StoreUnavailableError(`the store holds values of version ${kept.v}`)
    return kept
  }

  async #write (held: Held, what: Omit<Kept, 'v' | 'sentAt' | 'expiresAt' | 'at' | 'by'>): Promise<void> {
    const { key } = held.claim
    const now = this.#options.now()
    const expiresAt = now + this.#options.keepMs
    const kept: Kept = { v: SCHEMA_VERSION, ...what, sentAt: now, expiresAt, at: performance.now(), by: this.#version }
    await this.#change(held, () => {
      this.#put(key, kept)
      this.#put(dueKey(expiresAt, key), true)
    })
    // Only a new entry proves that the store takes writes: when an absent entry is removed, lmdb writes nothing.
    this.#trial.noteSuccess()
  }

  async #restore (held: Held): Promise<void> {
    const { before, claim: { key } } = held
    await this.#change(held, () => { if (before === null) this.#remove(key); else this.#put(key, before) })
  }

  /** For use in `#change`. The rejection is ignored here, because the promise of `#change` rejects, too. */
  #put (key: string | (string | number)[], value: unknown): void {
    this.#db.put(key, value, SCHEMA_VERSION).catch(() => {})
  }

  #remove (key: string | (string | number)[]): void {
    this.#db.remove(key).catch(() => {})
  }

  async #change (held: Held | null, writes: () => void): Promise<void> {
    if (this.#failure !== null) throw new StoreUnavailableError(this.#failure)
    if (held !== null) held.writing += 1
    let isOurs: boolean
    try {
      isOurs = await this.#db.ifVersion(OWNER, this.#version, writes)
    } catch (error) {
      const reason = await reasonOf(error)
      this.#trial.noteFailure(reason)
      throw new StoreUnavailableError('the store cannot be written', { cause: reason })
    } finally {
      if (held !== null) held.writing -= 1
    }
    if (isOurs) return
    this.#failure ??= 'another process has taken the store over'
    throw new StoreUnavailableError(this.#failure)
  }

  /**
   * Removes claims whose lease ended more than `leaseMs` ago, except while a write for them runs. Also removes expired
   * entries whose key has no claim.
   */
  async #sweep (): Promise<void> {
    for (const [key, held] of this.#held) {
      if (held.writing === 0 && held.until + this.#options.leaseMs < performance.now()) this.#held.delete(key)
    }
    if (this.#failure !== null) return
    const now = this.#options.now()
    const due = [...this.#db.getKeys({ start: [DUE, 0], end: dueKey(now, ''), limit: SWEEP_KEYS })] as [
      string,
      number,
      string
    ][]
    if (due.length === 0) return
    try {
      await this.#change(null, () => {
        for (const entry of due) {
          const [, , key] = entry
          if (this.#held.has(key)) continue
          const kept = this.#db.get(key) as Kept | undefined
          if (kept !== undefined && kept.expiresAt <= now) this.#remove(key)
          this.#remove(entry)
        }
      })
    } catch {
      return
    }
    if (due.length === SWEEP_KEYS) await this.#sweep()
  }
}
