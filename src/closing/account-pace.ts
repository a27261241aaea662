/** A mistaken Retry-After must not lock an account out for years: after this somebody may ask Connect again. */
const MAX_PAUSE_SECONDS = 300
/** Far more than can close at once; one that is dropped is merely not shared any more. */
const MAX_ACCOUNTS = 1000

/**
 * What all that is closed for one Connect account shares, whichever request asked for it: Connect throttles accounts.
 */
export class AccountPace {
  #resumeAt = 0
  #passes = 0

  /** When the next call may go, in ms of performance.now(). */
  get resumeAt (): number {
    return this.#resumeAt
  }

  /** How many calls Connect has dealt with: somebody who is throttled meanwhile has only been unlucky. */
  get passes (): number {
    return this.#passes
  }

  pass (): void {
    this.#passes += 1
  }

  pauseFor (seconds: number): void {
    this.#resumeAt = Math.max(this.#resumeAt, performance.now() + Math.min(seconds, MAX_PAUSE_SECONDS) * 1000)
  }
}

/** Gives each account its pace, also after the request that was throttled is over. Keeps those asked for last. */
export function createAccountPaces (maxAccounts = MAX_ACCOUNTS): (accountId: string) => AccountPace {
  const paces = new Map<string, AccountPace>()
  return (accountId) => {
    const pace = paces.get(accountId) ?? new AccountPace()
    // A map keeps the order of insertion: the oldest is the one asked for longest ago.
    paces.delete(accountId)
    paces.set(accountId, pace)
    const [oldest = accountId] = paces.keys()
    if (paces.size > maxAccounts) paces.delete(oldest)
    return pace
  }
}
