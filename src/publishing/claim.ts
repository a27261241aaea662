import type { CallObservation } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import { keepRenewed } from '../store/keep-renewed.ts'
import { isStorable, type Claim, type Earlier, type StateStore } from '../store/store.ts'
import { isOver, mayHaveActedAfter, type IdempotentAttempt } from '../usage/writes/attempt.ts'
import type { Snapshot } from '../usage/writes/snapshot.ts'

export const WRITE_STEPS = ['create', 'upload', 'submit'] as const
export type WriteStep = typeof WRITE_STEPS[number]

/** What the mark of a write stores in the state store, for the next request for the same report. */
interface Note {
  step: WriteStep
  /** The digest of the rows of the request (src/tables/digest.ts); '' when the rows were not read yet. */
  digest: string
  /** The snapshot of the object before the write; null when none was taken, or when it is too large for the store. */
  before: Snapshot | null
}

/** A write of an earlier request, of unknown outcome. `isOver`: Connect counts as done with it, after 5 minutes. */
export interface EarlierWrite extends Note { sentAt: Date, isOver: boolean }

/** The same for all claims, so that the store refuses no request for a report because its rows are different. */
const FINGERPRINT = 'usage-report'

/**
 * The right of one request to write for a report; meanwhile other requests for it get REPORT_IN_FLIGHT. Each write is
 * marked in the state store before Connect can have it whole. When the process dies, or the outcome of the write is
 * unknown, the mark stays, and the next request gets it as `earlier`.
 */
export class ReportClaim {
  readonly earlier: EarlierWrite | null
  readonly #store: StateStore
  readonly #claim: Claim
  readonly #stopRenewing: () => void
  #note: Note | null = null
  #mayHaveActed = false

  private constructor (store: StateStore, claim: Claim, earlier: Earlier | null) {
    this.#store = store
    this.#claim = claim
    const note = earlier?.note ?? null
    this.earlier = earlier === null || note === null
      ? null
      : { ...JSON.parse(note) as Note, sentAt: earlier.sentAt, isOver: isOver(earlier.ageMs) }
    this.#stopRenewing = keepRenewed(store, claim)
  }

  /** Throws REPORT_IN_FLIGHT while another request has the claim, and StoreUnavailableError. */
  static async take (store: StateStore, key: string): Promise<ReportClaim> {
    const begun = await store.begin(key, FINGERPRINT)
    if (begun.kind !== 'claimed') throw inFlight()
    return new ReportClaim(store, begun.claim, begun.earlier)
  }

  /** Gives the attempt for the write of a step. Its `earlier` is set only for a create after an earlier create. */
  begin (step: WriteStep, digest: string): IdempotentAttempt {
    const earlier = this.earlier?.step === step && step === 'create' ? this.earlier : null
    this.#note = { step, digest, before: earlier?.before ?? null }
    return {
      earlier,
      isKept: true,
      note: before => {
        const note = { step, digest, before }
        this.#note = isStorable(JSON.stringify(note)) ? note : { ...note, before: null }
      }
    }
  }

  /**
   * Stores the mark of the write. The calling function must await it before Connect can have the whole write. When it
   * throws, the calling function must not send the write. Throws REPORT_IN_FLIGHT when the claim was lost, and
   * StoreUnavailableError.
   */
  async mark (): Promise<void> {
    const mark = { as: 'sent', fingerprint: FINGERPRINT, note: JSON.stringify(this.#note) } as const
    if (!await this.#store.mark(this.#claim, mark)) throw inFlight()
    this.#mayHaveActed = true
  }

  /** Notes whether this send of a write, or an earlier send of the same call, may have had an effect. */
  observe (call: CallObservation): void {
    this.#mayHaveActed = mayHaveActedAfter(call, this.#mayHaveActed)
  }

  /** Notes that the write of the step is known to be done, so that `release` does not leave its mark in the store. */
  settle (): void {
    this.#mayHaveActed = false
  }

  /**
   * Gives the claim back. The mark stays only if the last write may have had an effect and is not settled. Else the key
   * gets back its state before the claim, with any mark of an earlier request. `warn` gets an error of the store.
   */
  async release (warn: (error: unknown) => void): Promise<void> {
    this.#stopRenewing()
    await this.#store.release(this.#claim, this.#mayHaveActed).catch(warn)
  }
}

function inFlight (): AppError {
  return new AppError(
    'REPORT_IN_FLIGHT',
    'Another request for this report is under way. Send yours again when that is over.',
    { retryAfterSeconds: 1 }
  )
}

export function changedMeanwhile (fileId: string | null): AppError {
  return new AppError(
    'REPORT_IN_FLIGHT',
    'Someone else changed the usage file while this request was at work. Nothing was submitted. Send it again.',
    { retryAfterSeconds: 1, extra: { fileIds: [fileId] } }
  )
}

export function stillInDoubt ({ step }: EarlierWrite, fileId: string | null): AppError {
  return new AppError(
    'REPORT_IN_FLIGHT',
    `An earlier request for this report sent other rows, and Connect may still act on its ${step}. Nothing was ` +
    'changed. Send yours again: five minutes after that request it is carried out in any case.',
    { retryAfterSeconds: 30, extra: { fileIds: [fileId] } }
  )
}
