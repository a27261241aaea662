import type { CallObservation } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import { keepRenewed } from '../store/keep-renewed.ts'
import { isStorable, type Begun, type Claim, type StateStore } from '../store/store.ts'
import { isOver, mayHaveActedAfter, type EarlierAttempt, type IdempotentAttempt } from '../usage/writes/attempt.ts'
import type { Snapshot } from '../usage/writes/snapshot.ts'
import { fingerprintOf } from './fingerprint.ts'
import { isKeepable, isSuccess, type FinalAnswer } from './kept-answer.ts'

/**
 * `conflict`: another request with the key was running. `unknown`: a write, not of a bulk close, may have had an
 * effect, and no answer is kept. `reconciled`: a success after an earlier request of unknown outcome.
 */
export type IdempotencyResult = 'new' | 'replay' | 'conflict' | 'mismatch' | 'unknown' | 'reconciled' | 'unavailable'

export interface AttemptOptions {
  store: StateStore
  claim: Extract<Begun, { kind: 'claimed' }>
  /** What identifies the request beside its body, for the fingerprint. */
  head: readonly unknown[]
  /** `sent`: a write that must not be sent again without a check. `ran`: a bulk close, which may run again. */
  as: 'sent' | 'ran'
  /** Called when the store keeps no result; the caller still gets its answer. `error`: null when the claim is lost. */
  warn: (error: unknown, message: string) => void
}

/**
 * One request with an Idempotency-Key, while it has the claim of its key. The states of a key in the store:
 *
 *   claimed  a request runs and has not marked the key
 *   sent     a write may have had an effect. The next request does not send it again without a check
 *   ran      a bulk close has begun. The next request runs it again
 *   done     the answer is kept, and the next request gets it
 */
export class KeyedAttempt implements IdempotentAttempt {
  readonly isKept = true
  readonly earlier: EarlierAttempt | null
  readonly #options: AttemptOptions
  readonly #claim: Claim
  readonly #stopRenewing: () => void
  #note: string | null
  #fingerprint: string | null = null
  #marking: Promise<void> | null = null
  #isMarked = false
  #lastWriteMayHaveActed = true
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
          isOver: isOver(earlier.ageMs)
        }
    this.#stopRenewing = keepRenewed(store, claim)
  }

  /** Sets the snapshot that `beforeSend` stores for a later request; none if its JSON is too large for the store. */
  note (before: Snapshot): void {
    const text = JSON.stringify(before)
    this.#note = isStorable(text) ? text : null
  }

  /**
   * Makes the fingerprint of the request from its head and `content`. Must come before `beforeSend`. Throws
   * IDEMPOTENCY_MISMATCH if the store has another fingerprint for the key.
   */
  identify (...content: readonly unknown[]): void {
    const fingerprint = fingerprintOf(...this.#options.head, ...content)
    const { fingerprint: kept } = this.#options.claim
    if (kept !== null && kept !== fingerprint) throw mismatch()
    this.#fingerprint = fingerprint
  }

  /** Stores the mark, once. When it throws, such as for a claim that was lost, the write must not be sent. */
  async beforeSend (): Promise<void> {
    await (this.#marking ??= this.#mark())
  }

  /** Notes whether a write may have had an effect, by this send or an earlier send of the same call. Ignores reads. */
  observe (call: CallObservation): void {
    if (call.isWrite) this.#isRepeated = call.attempt > 1
    this.#lastWriteMayHaveActed = mayHaveActedAfter(call, this.#lastWriteMayHaveActed)
  }

  /** Whether a write of this request, or of an earlier one with the key, may have had an effect. */
  get mayHaveActed (): boolean {
    return this.earlier !== null || (this.#isMarked && this.#lastWriteMayHaveActed)
  }

  /** Keeps the answer or releases the claim. To be called once. Does not throw: `warn` gets the errors of the store. */
  async finish (final: FinalAnswer): Promise<IdempotencyResult> {
    this.#stopRenewing()
    const { as, store, warn } = this.#options
    // OUTCOME_UNKNOWN counts even when `observe` has told that the write had no effect: Connect refused the write, but
    // a refusal after the change would look the same, and the object does not show which of the two it is.
    const isUnknown = this.#lastWriteMayHaveActed || final.code === 'OUTCOME_UNKNOWN'
    const leavesMark = this.#isMarked && (as === 'ran' || isUnknown)
    try {
      const isAfterSend = this.earlier !== null || this.#isRepeated
      if (as === 'sent' && this.#fingerprint !== null && isKeepable(final, isAfterSend)) {
        if (!(await store.complete(this.#claim, this.#fingerprint, final.answer))) {
          warn(null, 'the answer of a request was not kept: another request has its claim')
        }
        return this.earlier !== null && isSuccess(final) ? 'reconciled' : 'new'
      }
      await store.release(this.#claim, leavesMark)
    } catch (error) {
      warn(error, 'the result of a request was not kept: the next request with its key reads the object back')
    }
    return this.earlier !== null || (as === 'sent' && leavesMark) ? 'unknown' : 'new'
  }

  async #mark (): Promise<void> {
    const { store, as } = this.#options
    if (this.#fingerprint === null) throw new Error('beforeSend was called before identify')
    // When the store gives no answer, it may have made the mark. `release` in `finish` then tries to remove it.
    if (!await store.mark(this.#claim, { as, fingerprint: this.#fingerprint, note: this.#note })) throw inFlight()
    this.#isMarked = true
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
