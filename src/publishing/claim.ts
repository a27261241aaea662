import type { CallObservation } from '../connect/api.ts'
import { AppError } from '../errors/app-error.ts'
import type { Claim, Earlier, StateStore } from '../store/store.ts'
import { CONNECT_TIMES, type IdempotentAttempt, type Snapshot } from '../usage/writes/attempt.ts'

export const WRITE_STEPS = ['create', 'upload', 'submit'] as const
export type WriteStep = typeof WRITE_STEPS[number]

/** What the state store keeps of a write, for the next request for the same report. */
interface Note {
  step: WriteStep
  /** The digest of the rows of the request; '' when they were not read yet. */
  digest: string
  /** The object before the write; null when nobody read it. */
  before: Snapshot | null
}

/** A write of an earlier request for the report that was sent, and whose outcome that request did not learn. */
export interface EarlierWrite extends Note { sentAt: Date, isOver: boolean }

/** Claims have no fingerprint of their own: every request for the report competes for the same claim. */
const FINGERPRINT = 'usage-report'

/**
 * The right of one request to write for a report. While a request holds the claim, every other request for the same
 * report of the same account gets REPORT_IN_FLIGHT, also in other instances with the same state store. Each write is
 * marked in the store before it is sent. When the process dies, or the outcome of a write is unknown, the mark stays,
 * and the next request finds it as `earlier`.
 */
export class ReportClaim {
  readonly earlier: EarlierWrite | null
  readonly #store: StateStore
  readonly #claim: Claim
  readonly #heartbeat: NodeJS.Timeout
  #note: Note | null = null
  #mayHaveActed = false

  private constructor (store: StateStore, claim: Claim, earlier: Earlier | null) {
    this.#store = store
    this.#claim = claim
    const note = earlier?.note ?? null
    this.earlier = earlier === null || note === null
      ? null
      : { ...JSON.parse(note) as Note, sentAt: earlier.sentAt, isOver: earlier.ageMs > CONNECT_TIMES.overMs }
    // Every third of the lease, so that two renewals may fail before another request can take the claim.
    this.#heartbeat = setInterval(() => { store.renew(claim).catch(() => {}) }, store.leaseMs / 3).unref()
  }

  /** Takes the claim. Throws REPORT_IN_FLIGHT while another request holds it, and StoreUnavailableError. */
  static async take (store: StateStore, key: string): Promise<ReportClaim> {
    const begun = await store.begin(key, FINGERPRINT)
    if (begun.kind !== 'claimed') throw inFlight()
    return new ReportClaim(store, begun.claim, begun.earlier)
  }

  /** Begins a step. Gives the attempt for its write, which keeps the state before. Only a create gets `earlier`. */
  begin (step: WriteStep, digest: string): IdempotentAttempt {
    const earlier = this.earlier?.step === step && step === 'create' ? this.earlier : null
    this.#note = { step, digest, before: earlier?.before ?? null }
    return {
      earlier,
      isKept: true,
      note: before => { this.#note = { step, digest, before } }
    }
  }

  /**
   * Marks the write in the store. To be awaited before Connect can have the whole write. Throws REPORT_IN_FLIGHT when
   * the claim is lost; then the write must not be sent.
   */
  async mark (): Promise<void> {
    const mark = { as: 'sent', fingerprint: FINGERPRINT, note: JSON.stringify(this.#note) } as const
    if (!await this.#store.mark(this.#claim, mark)) throw inFlight()
    this.#mayHaveActed = true
  }

  /** Takes the result of each call to Connect. A write that had no effect needs no mark. */
  observe ({ isWrite, mayHaveActed, attempt }: CallObservation): void {
    if (isWrite) this.#mayHaveActed = mayHaveActed || (attempt > 1 && this.#mayHaveActed)
  }

  /** Ends a step whose write is known to be done. */
  settle (): void {
    this.#mayHaveActed = false
  }

  /** Gives the claim back. The mark stays when the outcome of the last write is unknown. Does not throw. */
  async release (warn: (error: unknown) => void): Promise<void> {
    clearInterval(this.#heartbeat)
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

/** The error for a file that changed while this request was at work. Nothing of the change is overwritten. */
export function changedMeanwhile (fileId: string | null): AppError {
  return new AppError(
    'REPORT_IN_FLIGHT',
    'Someone else changed the usage file while this request was at work. Nothing was submitted. Send it again.',
    { retryAfterSeconds: 1, extra: { fileIds: [fileId] } }
  )
}

/** The error while an earlier request that sent other rows may still change the file. */
export function stillInDoubt ({ step }: EarlierWrite, fileId: string | null): AppError {
  return new AppError(
    'REPORT_IN_FLIGHT',
    `An earlier request for this report sent other rows, and Connect may still act on its ${step}. Nothing was ` +
    'changed. Send yours again: five minutes after that request it is carried out in any case.',
    { retryAfterSeconds: 30, extra: { fileIds: [fileId] } }
  )
}
