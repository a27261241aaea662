/** The longest pause in ms: a wrong Retry-After must not lock an account out for years. */
const MAX_PAUSE_MS = 300_000

/** Remembers until when Connect wants no calls. A shorter pause never ends a longer one. */
export class Pause {
  readonly #now: () => number
  #endsAt = -Infinity

  /** `now` gives the time in ms. */
  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Pauses for so many seconds from now, at most 300. */
  begin (seconds: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#now() + Math.min(seconds * 1000, MAX_PAUSE_MS))
  }

  /** Milliseconds until the pause ends; 0 or less when there is none. */
  get leftMs (): number {
    return this.#endsAt - this.#now()
  }
}
