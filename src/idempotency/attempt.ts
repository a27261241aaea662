import type { CallObservation } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import { MAX_ANSWER_BYTES, MAX_NOTE_BYTES, type Begun, type Claim, type StateStore } from '../store/store.ts'
import { CONNECT_TIMES, type EarlierAttempt, type IdempotentAttempt, type Snapshot } from '../usage/writes/attempt.ts'
import { fingerprintOf } from './fingerprint.ts'

/**
 * The result of a request with an Idempotency-Key, for logs and metrics. `replay`: the kept answer of an earlier
 * request was sent again. `conflict`: another request with the key was running when this one came. `mismatch`: a
 * request with the key that runs or is over had another content; if only `identify` finds that, the result is `unknown`
 * or `new`. `unknown`: a write of this request, or of an earlier one with the key, may have had an effect, and no
 * answer is kept. `reconciled`: an earlier request had an unknown outcome, and this request ended with a success.
 * `unavailable`: the store could not claim the key. `new`: none of the others.
 */
export type IdempotencyResult = 'new' | 'replay' | 'conflict' | 'mismatch' | 'unknown' | 'reconciled' | 'unavailable'

/** The answer to a request with an Idempotency-Key, as its caller gets it. */
export interface FinalAnswer {
  status: number
  /** The error code of an answer with a problem; null for any other answer. */
  code: string | null
  /** The whole answer as one text, for the store. Empty for the outcomes of a bulk close, which are not kept. */
  answer: string
  /** True: this answer is not kept, because the same request may get another one later. Default: false. */
  isInterim?: boolean
}

export interface AttemptOptions {
  store: StateStore
  claim: Extract<Begun, { kind: 'claimed' }>
  /**
   * The parts of the fingerprint beside the body: the role and the account id of the caller, and the query. The method
   * and the path are a part of the key in the store.
   */
  head: readonly unknown[]
  /**
   * The state that `beforeSend` gives to the key in the store (see KeyedAttempt). `sent`: a write that must not be sent
   * again without a check. `ran`: work that keeps no answer and may run again (a bulk close).
   */
  as: 'sent' | 'ran'
  /**
   * Called when the store does not keep the answer or does not release the claim. The caller still gets the answer.
   * `error` is null when the claim has ended or another request has taken it.
   */
  warn: (error: unknown, message: string) => void
}

/**
 * One request with an Idempotency-Key, from the claim of its key to the kept answer. While a request runs, others with
 * its key get IDEMPOTENCY_IN_FLIGHT, or IDEMPOTENCY_MISMATCH. A key is in one of these states:
 *
 *   none     the store knows nothing about the key
 *   claimed  a request runs and has not marked the key
 *   sent     a write was sent, or was about to be sent, and may have had an effect
 *   ran      a bulk close has begun; it may run again
 *   done     the store keeps the answer
 *
 * The state changes as follows:
 *
 *   none    > claimed  `begin`, before the first call to Connect
 *   claimed > sent     `mark`, stored before Connect can have the whole write. If the mark fails, the write is not
 *                      sent. A second send of the same request needs no second mark
 *   claimed > done     `complete`, after an answer that needed no write and would be the same later
 *   claimed > ran      `mark` of a bulk close. `release` keeps the state, and the next request runs the close again
 *   sent    > done     `complete`, after a success or a refusal that would be the same later
 *   claimed > none     `release`, after an answer that came before the mark and may be another one later
 *   sent    > none     `release`, when the write certainly had no effect: no connection, cut off, or refused for now.
 *                      If an earlier request had marked the key, the key gets the mark of that request again
 *   sent    > sent     `release`, or the end of the lease of a process that died: the outcome is unknown
 *   sent    > sent     `begin`: the next request claims the key, gets the note, and reads the object back (see
 *                      src/usage/writes/outcome.ts). If the write shows, the answer is kept. If it certainly had no
 *                      effect, it is sent again. If neither is certain, the caller gets 504 and the state stays
 *   each    > none     24 hours after the last mark or answer; without these, at the end of the lease
 *
 * When the caller leaves, nothing of this changes. When another request has taken the claim over, the store refuses all
 * changes of the old claim.
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
          isOver: earlier.ageMs > CONNECT_TIMES.overMs
        }
    // The claim is renewed three times in each lease. So one renewal may fail before another request can take the
    // claim.
    this.#heartbeat = setInterval(() => { store.renew(claim).catch(() => {}) }, store.leaseMs / 3).unref()
  }

  /**
   * Sets the snapshot of the object before the write; to be called before `beforeSend`. The mark stores it for a later
   * request. If its JSON has more than MAX_NOTE_BYTES, the mark has no snapshot. If this is not called, the mark has
   * the snapshot of the earlier request, if there is one.
   */
  note (before: Snapshot): void {
    const text = JSON.stringify(before)
    this.#note = Buffer.byteLength(text) <= MAX_NOTE_BYTES ? text : null
  }

  /**
   * Sets the fingerprint of the request. `content` identifies the body of the request. Must be called when the body has
   * been read, before `beforeSend`; without it no answer is kept. Throws IDEMPOTENCY_MISMATCH if the store has the
   * fingerprint of an earlier request with the key, and it is another one.
   */
  identify (...content: readonly unknown[]): void {
    const fingerprint = fingerprintOf(...this.#options.head, ...content)
    const { fingerprint: kept } = this.#options.claim
    if (kept !== null && kept !== fingerprint) throw mismatch()
    this.#fingerprint = fingerprint
  }

  /**
   * Stores the mark of the write. Further calls, also at the same time, share the mark or the error of the first call.
   * Must be awaited before Connect can have the whole write. When it throws, the write must not be sent. Throws
   * IDEMPOTENCY_IN_FLIGHT when the claim has ended or another request has it, Error when `identify` was not called
   * before, and the errors of the store.
   */
  async beforeSend (): Promise<void> {
    await (this.#marking ??= this.#mark())
  }

  /**
   * To be called with the result of each send of a call to Connect. For a write, notes whether this send, or an earlier
   * send of the same call, may have had an effect. That replaces what was noted of an earlier call. Ignores reads.
   */
  observe ({ isWrite, attempt, mayHaveActed }: CallObservation): void {
    if (!isWrite) return
    this.#isRepeated = attempt > 1
    this.#mayHaveActed = mayHaveActed || (this.#isRepeated && this.#mayHaveActed)
  }

  /**
   * Whether a write of this request, or of an earlier one with the key, may have had an effect. If no earlier request
   * left a mark: true from the mark of this request on, until `observe` tells that the write had no effect.
   */
  get mayHaveActed (): boolean {
    return this.earlier !== null || (this.#isMarked && this.#mayHaveActed)
  }

  /**
   * Ends the attempt and gives its result; to be called once. Keeps an answer that would be the same later and has at
   * most MAX_ANSWER_BYTES; never that of a bulk close. Otherwise releases the claim. Then the mark of a bulk close
   * stays, and another mark stays if the write may have had an effect. Does not throw: `warn` gets the errors of the
   * store.
   */
  async finish (final: FinalAnswer): Promise<IdempotencyResult> {
    clearInterval(this.#heartbeat)
    const { as, store, warn } = this.#options
    // OUTCOME_UNKNOWN counts even when `observe` has told that the write had no effect. Connect refused the write then,
    // but a refusal after the change would look the same, and the object does not show which of the two it is.
    const isUnknown = this.#mayHaveActed || final.code === 'OUTCOME_UNKNOWN'
    const mayHaveActed = this.#isMarked && (as === 'ran' || isUnknown)
    try {
      if (
        as === 'sent' &&
        this.#fingerprint !== null &&
        final.isInterim !== true &&
        this.#isFinal(final) &&
        Buffer.byteLength(final.answer) <= MAX_ANSWER_BYTES
      ) {
        if (!(await store.complete(this.#claim, this.#fingerprint, final.answer))) {
          warn(null, 'the answer of a request was not kept: another request has its claim')
        }
        return this.earlier !== null && this.#isSuccess(final) ? 'reconciled' : 'new'
      }
      await store.release(this.#claim, mayHaveActed)
    } catch (error) {
      warn(error, 'the result of a request was not kept: the next request with its key reads the object back')
    }
    return this.earlier !== null || (as === 'sent' && mayHaveActed) ? 'unknown' : 'new'
  }

  async #mark (): Promise<void> {
    const { store, as } = this.#options
    if (this.#fingerprint === null) throw new Error('beforeSend was called before identify')
    // When the store gives no answer, the write is not sent. The store may have made the mark all the same; then
    // `release` in `finish` removes it.
    if (!await store.mark(this.#claim, { as, fingerprint: this.#fingerprint, note: this.#note })) throw inFlight()
    this.#isMarked = true
  }

  #isSuccess ({ status }: FinalAnswer): boolean {
    return status >= 200 && status < 300
  }

  /**
   * Whether the same request would get the same answer later. True for a success. Otherwise, when an earlier request
   * has an unknown outcome or this request sent its write a second time, true only for BILLING_CONFLICT: another
   * refusal does not tell whether the earlier send had an effect. In all other cases true for a 4xx other than 401,
   * 403, 408 and 429.
   */
  #isFinal (final: FinalAnswer): boolean {
    const { status, code } = final
    if (this.#isSuccess(final)) return true
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
