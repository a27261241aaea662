import { ConnectResponseError, type ConnectError } from '../connect/errors.ts'
import { Pause } from '../limits/pause.ts'

/**
 * Why a call is not made. `throttled`: Connect asks for a pause of more than MAX_WAIT_SECONDS, or throttled the call
 * MAX_THROTTLES times. `silent`: Connect gives no usable answers. `left`: the HTTP caller has left. `stopping`: the
 * service stops.
 */
export type Hold = 'throttled' | 'silent' | 'left' | 'stopping'

export interface Waiting {
  /** Resolves after `ms` milliseconds, or as soon as the HTTP caller has left. */
  wait: (ms: number) => Promise<unknown>
  hasLeft: () => boolean
  /** Whether the service stops. Then no more calls that close records are made, and no reads that have to wait. */
  isStopping: () => boolean
}

/** The longest pause that a call waits for. When Connect asks for a longer one, the call is not made. */
export const MAX_WAIT_SECONDS = 120
/** The longest part of a wait, in ms. After each part the wait ends if the service stops or the caller has left. */
const WAIT_STEP_MS = 1000
/** A call is given up when it was throttled this number of times while `accepted` of its account did not change. */
const MAX_THROTTLES = 8
const DEFAULT_PATIENCE_MS = 30_000
/** The most accounts whose states are remembered, far more than close records at once. */
const MAX_ACCOUNTS = 1000

/**
 * The pause and the number of accepted calls that all bulk closes of one Connect account share, because Connect
 * throttles accounts, not requests.
 */
export class AccountThrottle {
  readonly pause = new Pause()
  #accepted = 0

  /** How many calls of these bulk closes Connect accepted, or refused with a status below 500 other than 429. */
  get accepted (): number {
    return this.#accepted
  }

  callAccepted (): void {
    this.#accepted += 1
  }
}

/**
 * Makes a function that gives the state of an account. The function remembers the states of the `maxAccounts` accounts
 * that were asked for last.
 */
export function createAccountThrottles (maxAccounts = MAX_ACCOUNTS): (accountId: string) => AccountThrottle {
  const byAccount = new Map<string, AccountThrottle>()
  return (accountId) => {
    const found = byAccount.get(accountId) ?? new AccountThrottle()
    // A map keeps the order of insertion, so its first account is the one that was asked for longest ago.
    byAccount.delete(accountId)
    byAccount.set(accountId, found)
    const [oldest = accountId] = byAccount.keys()
    if (byAccount.size > maxAccounts) byAccount.delete(oldest)
    return found
  }
}

/**
 * Decides whether and when the calls of one `closeItems` may go, from the pauses and from how long Connect has given no
 * usable answer. Also has the present size of a batch.
 */
export class ThrottleState {
  batchSize: number
  readonly #patienceMs: number
  readonly #account: AccountThrottle
  readonly #pause = new Pause()
  #silentSince: number | null = null
  #isSilent = false

  constructor (batchSize: number, account = new AccountThrottle(), patienceMs = DEFAULT_PATIENCE_MS) {
    this.batchSize = batchSize
    this.#account = account
    this.#patienceMs = patienceMs
  }

  get accepted (): number {
    return this.#account.accepted
  }

  shrinkTo (size: number): void {
    this.batchSize = Math.max(1, Math.min(this.batchSize, size))
  }

  /** Notes that Connect throttles: no bulk close of the account makes a call for `seconds` seconds, at most 300. */
  throttled (seconds: number): void {
    this.#account.pause.begin(seconds)
  }

  /** Notes that a call did not get through: the calls of this request wait for `seconds` seconds, at most 300. */
  pauseFor (seconds: number): void {
    this.#pause.begin(seconds)
  }

  answered (): void {
    this.#account.callAccepted()
    this.#silentSince = null
  }

  /**
   * Notes that a call ended without a usable answer. When the first such call after the last answer was noted at least
   * `patienceMs` ago, no more calls are made, also if an answer comes later.
   */
  lost (): void {
    const now = performance.now()
    this.#silentSince ??= now
    if (now - this.#silentSince >= this.#patienceMs) this.#isSilent = true
  }

  /** False during a pause, and when Connect gives no usable answers. */
  isOpen (): boolean {
    return !this.#isSilent && this.#pauseMs() <= 0
  }

  /**
   * Waits until a call may go, and gives null; the reason when no call will go. Before each wait asks `mustStop`.
   */
  async ready (waiting: Pick<Waiting, 'hasLeft' | 'wait'>, mustStop: () => boolean): Promise<Hold | null> {
    for (;;) {
      if (waiting.hasLeft()) return 'left'
      if (mustStop()) return 'stopping'
      if (this.#isSilent) return 'silent'
      const left = this.#pauseMs()
      if (left <= 0) return null
      if (left > MAX_WAIT_SECONDS * 1000) return 'throttled'
      await waiting.wait(Math.min(Math.ceil(left), WAIT_STEP_MS))
    }
  }

  #pauseMs (): number {
    return Math.max(this.#pause.leftMs, this.#account.pause.leftMs)
  }
}

/** Counts how often one call was throttled while `accepted` of its account did not change. */
export class ThrottleCounter {
  readonly #state: ThrottleState
  #count = 0
  #accepted: number

  constructor (state: ThrottleState) {
    this.#state = state
    this.#accepted = state.accepted
  }

  /** For a 429 begins a pause of the account and gives true: the call may be repeated unless `isEnough`. */
  note (error: ConnectError): boolean {
    if (!(error instanceof ConnectResponseError) || error.status !== 429) return false
    if (this.#state.accepted !== this.#accepted) this.#count = 0
    this.#accepted = this.#state.accepted
    this.#count += 1
    this.#state.throttled(Math.max(error.retryAfterSeconds ?? this.#count, this.#count * 0.05))
    return true
  }

  get isEnough (): boolean {
    return this.#count >= MAX_THROTTLES
  }
}
