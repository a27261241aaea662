/** The longest pause, in milliseconds. A wrong Retry-After must not stop the calls of an account for years. */
const MAX_PAUSE_MS = 300_000

/**
 * Remembers until when no call may go to Connect, for example after an answer with Retry-After. It stops no call
 * itself: the code that sends calls reads `leftMs`. A shorter pause does not end a longer one that runs.
 */
export class Pause {
  readonly #now: () => number
  #endsAt = -Infinity

  /** `now` gives the time in milliseconds. Its zero may be any moment. */
  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Begins a pause of `seconds` seconds from now on, at most 300. Does nothing when the pause that runs ends later. */
  begin (seconds: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#now() + Math.min(seconds * 1000, MAX_PAUSE_MS))
  }

  /** Milliseconds until the pause ends; zero or less when there is no pause, or no longer one. */
  get leftMs (): number {
    return this.#endsAt - this.#now()
  }
}
