/** The longest pause, in milliseconds. A wrong Retry-After must not stop the calls of an account for years. */
const MAX_PAUSE_MS = 300_000

/** Remembers until when no call may go to Connect. It stops no call: the code that sends calls reads `leftMs`. */
export class Pause {
  readonly #now: () => number
  #endsAt = -Infinity

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Does nothing when the pause that runs ends later. More than 300 seconds count as 300. */
  begin (seconds: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#now() + Math.min(seconds * 1000, MAX_PAUSE_MS))
  }

  /** Zero or less when no pause runs. */
  get leftMs (): number {
    return this.#endsAt - this.#now()
  }
}
