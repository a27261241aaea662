import type { Hit } from './store.ts'

const MAX_WINDOWS = 100_000

/** Fixed windows of one process, in memory: losing them in a restart costs no more than a fresh window. */
export class Windows {
  readonly #windows = new Map<string, { count: number, endsAt: number }>()

  hit (key: string, windowMs: number, cost: number, now: number): Hit {
    let window = this.#windows.get(key)
    if (window === undefined || window.endsAt <= now) {
      if (this.#windows.size >= MAX_WINDOWS) this.#makeRoom(now)
      window = { count: 0, endsAt: now + windowMs }
      // Anew, so that the map keeps them in the order of their beginning.
      this.#windows.delete(key)
      this.#windows.set(key, window)
    }
    window.count += cost
    return { count: window.count, resetMs: Math.ceil(Math.min(window.endsAt - now, windowMs)) }
  }

  /** Those that are over, and where none is, the oldest tenth. */
  #makeRoom (now: number): void {
    for (const [key, { endsAt }] of this.#windows) {
      if (endsAt <= now) this.#windows.delete(key)
    }
    if (this.#windows.size < MAX_WINDOWS) return
    let left = MAX_WINDOWS / 10
    for (const key of this.#windows.keys()) {
      if (left-- <= 0) break
      this.#windows.delete(key)
    }
  }
}
