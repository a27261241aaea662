import type { CallObservation } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import { MAX_ANSWER_BYTES, MAX_NOTE_BYTES, type Begun, type Claim, type StateStore } from '../store/store.ts'
import type { EarlierAttempt, IdempotentAttempt, Snapshot } from '../usage/writes/attempt.ts'
import { fingerprintOf } from './fingerprint.ts'

/** After so long Connect is no longer at a request: CloudBlue's own clients wait 300 s for their slowest answer. */
const OVER_MS = 300_000

/**
 * What a request with a key came to, for logs and metrics. `new`: no other came before; `conflict`: another one is
 * under way; `reconciled`: an earlier one of unknown outcome was found done; `unavailable`: the store did not answer.
 */
export type IdempotencyResult = 'new' | 'replay' | 'conflict' | 'mismatch' | 'unknown' | 'reconciled' | 'unavailable'

/** How the request of an answer ended. */
export interface Ending {
  status: number
  code: string | null
  /** The answer as it is kept. */
  answer: string
}

export interface AttemptOptions {
  store: StateStore
  claim: Extract<Begun, { kind: 'claimed' }>
  /** What of the request is known before its body. */
  head: readonly unknown[]
  /** `ran` for work that keeps no answer and may be begun again. */
  as: 'sent' | 'ran'
  /** Told of a store that failed after the work was done, when nobody can be refused any more. */
  warn: (error: unknown, message: string) => void
}

/**
 * One request with an Idempotency-Key, from the claim of its key to what is remembered of it. A key is in one of these
 * states:
 *
 *   none     nothing is known of it
 *   claimed  a request is at work and has sent nothing
 *   sent     a request may have been carried out; while one is at work on it, others are refused as in flight
 *   ran      a bulk close has begun; as sent, but it may simply run again
 *   done     its answer is kept
 *
 * and goes on
 *
 *   none    > claimed  begin, before the first word to Connect
 *   claimed > sent     mark, on disk, before Connect can have the whole request; what cannot be marked is not sent. A
 *                      second send of the same request is under the same mark
 *   sent    > done     complete: a success, or a refusal that stands
 *   claimed > none     release: an answer that came before anything was sent and need not stand
 *   sent    > none     release: the call had provably no effect (no connection, cut short, refused for now)
 *   sent    > sent     release, or the lease of a process that died: the outcome is unknown
 *   sent    > sent     begin: the next request takes the claim, with what was noted before the send, and reads
 *                      back; see src/usage/writes/outcome.ts. What shows is completed, what verifiably had no effect
 *                      is sent again, and what cannot be told is 504 and stays
 *   any     > none     24 hours after the last change
 *
 * A caller that leaves changes nothing of this. A claim that has passed on is refused by the store from then on.
 */
export class KeyedAttempt implements IdempotentAttempt {
  readonly isKept = true
  readonly earlier: EarlierAttempt | null
  readonly #options: AttemptOptions
  readonly #claim: Claim
  readonly #heartbeat: NodeJS.Timeout
  #note: string | null
  #fingerprint: string | null = null
  #marking: Promise<void> | null = null
  #isMarked = false
  #mayHaveActed = true
  #isRepeated = false

  constructor (options: AttemptOptions) {
    const { store, claim: { claim, earlier } } = options
    this.#options = options
    this.#claim = claim
    this.#note = earlier?.note ?? null
    this.earlier = earlier === null
      ? null
      : {
          sentAt: earlier.sentAt,
          before: earlier.note === null ? null : JSON.parse(earlier.note) as Snapshot,
          isOver: earlier.ageMs > OVER_MS
        }
    // A third of the lease: two may fail before somebody else takes over.
    this.#heartbeat = setInterval(() => { store.renew(claim).catch(() => {}) }, store.leaseMs / 3).unref()
  }

  note (before: Snapshot): void {
    const text = JSON.stringify(before)
    this.#note = Buffer.byteLength(text) <= MAX_NOTE_BYTES ? text : null
  }

  /**
   * Says what the request's body is, as soon as it has been read. Throws IDEMPOTENCY_MISMATCH if it was another one
   * before.
   */
  identify (...content: readonly unknown[]): void {
    const fingerprint = fingerprintOf(...this.#options.head, ...content)
    const { fingerprint: kept } = this.#options.claim
    if (kept !== null && kept !== fingerprint) throw mismatch()
    this.#fingerprint = fingerprint
  }

  /** To be awaited before Connect can have the whole of the request. Throws, and then it must not get it. */
  async beforeSend (): Promise<void> {
    await (this.#marking ??= this.#mark())
  }

  /** Takes what became of a call. */
  observe ({ isWrite, attempt, mayHaveActed }: CallObservation): void {
    if (!isWrite) return
    this.#isRepeated = attempt > 1
    this.#mayHaveActed = mayHaveActed || (this.#isRepeated && this.#mayHaveActed)
  }

  /** Ends the attempt with the answer that the caller gets, and tells what it came to. Does not throw. */
  async finish (ending: Ending): Promise<IdempotencyResult> {
    clearInterval(this.#heartbeat)
    const { as, store, warn } = this.#options
    const mayHaveActed = this.#isMarked && (as === 'ran' || this.#mayHaveActed)
    try {
      if (
        as === 'sent' &&
        this.#fingerprint !== null &&
        this.#stands(ending) &&
        Buffer.byteLength(ending.answer) <= MAX_ANSWER_BYTES
      ) {
        if (!(await store.complete(this.#claim, this.#fingerprint, ending.answer))) {
          warn(null, 'the answer of a request was not kept: its claim had passed on')
        }
        return this.earlier !== null && this.#isSuccess(ending) ? 'reconciled' : 'new'
      }
      await store.release(this.#claim, mayHaveActed)
    } catch (error) {
      warn(error, 'what became of a request was not kept: the next one with its key will look')
    }
    return this.earlier !== null || (as === 'sent' && mayHaveActed) ? 'unknown' : 'new'
  }

  async #mark (): Promise<void> {
    const { store, as } = this.#options
    if (this.#fingerprint === null) throw new Error('a request was to be sent before it was read')
    // From here on it counts as marked only if the store says so: a mark nobody heard of is taken back by the release.
    if (!await store.mark(this.#claim, { as, fingerprint: this.#fingerprint, note: this.#note })) throw inFlight()
    this.#isMarked = true
  }

  #isSuccess ({ status }: Ending): boolean {
    return status >= 200 && status < 300
  }

  /**
   * Whether the same request would have no other answer later. After another send, of unknown outcome, few refusals say
   * what became of that.
   */
  #stands (ending: Ending): boolean {
    const { status, code } = ending
    if (this.#isSuccess(ending)) return true
    if (this.earlier !== null || this.#isRepeated) return code === 'BILLING_CONFLICT'
    return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status)
  }
}

export function mismatch (): AppError {
  return new AppError(
    'IDEMPOTENCY_MISMATCH',
    'This Idempotency-Key was used for another request. Send a new request with a new key.'
  )
}

export function inFlight (): AppError {
  return new AppError(
    'IDEMPOTENCY_IN_FLIGHT',
    'A request with this Idempotency-Key is under way. Send it again when that is over.',
    { retryAfterSeconds: 1 }
  )
}
