import { ConnectResponseError, type ConnectError } from '../connect/errors.ts'
import { Pause } from '../limits/pause.ts'

/** Why a call is not made. */
export type Hold = 'throttled' | 'silent' | 'left' | 'stopping'

export interface Waiting {
  /** Resolves after so many ms, or at once when the caller has left. */
  wait: (ms: number) => Promise<unknown>
  /** Whether the caller has left, so that nobody reads the outcomes any more. */
  hasLeft: () => boolean
  /** Whether the service stops. Nothing more is sent then. Sent records are read back, unless that has to wait. */
  isStopping: () => boolean
}

/** When Connect asks for a longer wait, nothing waits for it: the call is not made. */
export const MAX_WAIT_SECONDS = 120
/** The longest part of a wait, in ms. After each part the wait ends if the service stops. */
const WAIT_STEP_MS = 1000
/** How often one call may be throttled in a row while Connect accepts no other call of the account. */
const MAX_THROTTLES = 8
const DEFAULT_PATIENCE_MS = 30_000
/** Far more accounts than close records at once. New requests of an account do not share a state that was dropped. */
const MAX_ACCOUNTS = 1000

/** What all bulk closes of one Connect account share: Connect throttles accounts, not requests. */
export class AccountThrottle {
  /** While it lasts, no call of a bulk close of the account goes out. */
  readonly pause = new Pause()
  #accepted = 0

  /** How many calls Connect has taken (see `answered`). While the number grows, a throttled call may try again. */
  get accepted (): number {
    return this.#accepted
  }

  callAccepted (): void {
    this.#accepted += 1
  }
}

/**
 * Makes a function that gives the throttle state of an account, also after the request that was throttled is over. It
 * keeps the states of the `maxAccounts` accounts that were asked for last.
 */
export function createAccountThrottles (maxAccounts = MAX_ACCOUNTS): (accountId: string) => AccountThrottle {
  const byAccount = new Map<string, AccountThrottle>()
  return (accountId) => {
    const found = byAccount.get(accountId) ?? new AccountThrottle()
    // A map keeps the order of insertion: its first account is the one that was asked for longest ago.
    byAccount.delete(accountId)
    byAccount.set(accountId, found)
    const [oldest = accountId] = byAccount.keys()
    if (byAccount.size > maxAccounts) byAccount.delete(oldest)
    return found
  }
}

/**
 * What the calls of one bulk close share: how many records one call may hold, when the next call may go, and whether
 * Connect still answers. A pause that Connect asks for holds for all calls of the account, in other requests too.
 */
export class ThrottleState {
  batchSize: number
  readonly #patienceMs: number
  readonly #account: AccountThrottle
  readonly #pause = new Pause()
  #silentSince: number | null = null
  #isSilent = false

  /**
   * Takes the size of a batch, the state of the account, and for how many ms Connect may give no usable answer before
   * no more calls are made.
   */
  constructor (batchSize: number, account = new AccountThrottle(), patienceMs = DEFAULT_PATIENCE_MS) {
    this.batchSize = batchSize
    this.#account = account
    this.#patienceMs = patienceMs
  }

  get accepted (): number {
    return this.#account.accepted
  }

  /** Makes batches smaller after Connect found a call too large. */
  shrinkTo (size: number): void {
    this.batchSize = Math.max(1, Math.min(this.batchSize, size))
  }

  /** Connect throttles: no call of the account goes for so many seconds. */
  throttled (seconds: number): void {
    this.#account.pause.begin(seconds)
  }

  /** Connect could not be reached: the calls of this request wait for so many seconds. */
  pauseFor (seconds: number): void {
    this.#pause.begin(seconds)
  }

  /** Connect took a call, or refused it with a status below 500 other than 429. */
  answered (): void {
    this.#account.callAccepted()
    this.#silentSince = null
  }

  /** A call ended without a usable answer. */
  lost (): void {
    const now = performance.now()
    this.#silentSince ??= now
    if (now - this.#silentSince >= this.#patienceMs) this.#isSilent = true
  }

  /** Whether a call may go now. */
  isOpen (): boolean {
    return !this.#isSilent && this.#pauseMs() <= 0
  }

  /** Waits until a call may go, and gives null; or gives why no call will go. Asks `isStopping` before each wait. */
  async ready (waiting: Waiting, isStopping: () => boolean): Promise<Hold | null> {
    for (;;) {
      if (waiting.hasLeft()) return 'left'
      if (isStopping()) return 'stopping'
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

/** Counts how often one call was throttled while Connect accepted no other call of the account. */
export class ThrottleCounter {
  readonly #state: ThrottleState
  #count = 0
  #accepted: number

  constructor (state: ThrottleState) {
    this.#state = state
    this.#accepted = state.accepted
  }

  /** Takes the error of a call. True for a 429: the pause is noted, and the call may be repeated unless `isEnough`. */
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
