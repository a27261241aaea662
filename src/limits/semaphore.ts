export interface SemaphoreLimits {
  /** The most slots of all keys together. */
  readonly slots: number
  /** The most slots that one key may hold at once. Default: any number. */
  readonly slotsPerKey?: number
  /** The most acquisitions of one key that may wait at once. Default: any number. */
  readonly maxWaiting?: number
  /** The most milliseconds that an acquisition may wait. Default: any time. */
  readonly maxWaitMs?: number
}

/** A slot, to be released once the work is over (`release` is idempotent), or the reason why there is none. */
export type Acquisition = Slot | { readonly refused: Refusal }

export interface Slot { readonly release: () => void }

/**
 * `full`: all slots are held. `key-full`: the key holds all slots that one key may hold. `acquire` gives these two when
 * no more acquisitions of the key may wait. `timeout`: no slot became free in time. `ended`: the wait was ended from
 * outside.
 */
export type Refusal = 'full' | 'key-full' | 'timeout' | 'ended'

/**
 * Ends a wait from outside. `onEnd` takes the function to call at the end of the wait; it is called at once if that end
 * has come before. Null removes the function.
 */
export interface WaitEnd { onEnd (listener: (() => void) | null): void }

interface Waiting {
  readonly key: string
  readonly admit: () => void
}

/**
 * Bounds how much work runs at once, and how much of one key (a caller, an object). Of the acquisitions whose key may
 * hold one more slot, the one that has waited longest gets a released slot. A key without slots takes no memory.
 */
export class Semaphore {
  readonly #limits: Required<SemaphoreLimits>
  readonly #heldBy = new Map<string, number>()
  readonly #queue = new Set<Waiting>()
  #held = 0

  constructor ({ slots, slotsPerKey = Infinity, maxWaiting = Infinity, maxWaitMs = Infinity }: SemaphoreLimits) {
    this.#limits = { slots, slotsPerKey, maxWaiting, maxWaitMs }
  }

  /** Gives the number of slots that are held. */
  get held (): number {
    return this.#held
  }

  /** Gives the number of acquisitions that wait. */
  get waiting (): number {
    return this.#queue.size
  }

  /** Takes a slot if one is free now; otherwise gives the reason for the refusal. Does not wait. */
  tryAcquire (key = ''): Acquisition {
    if ((this.#heldBy.get(key) ?? 0) >= this.#limits.slotsPerKey) return { refused: 'key-full' }
    // While a slot is free, no waiting acquisition may take it: `#release` gives slots to waiting acquisitions first.
    return this.#held >= this.#limits.slots ? { refused: 'full' } : this.#take(key)
  }

  /** Takes a slot. Waits for a free one within the limits; after that gives the reason for the refusal. */
  async acquire (key = '', waitEnd?: WaitEnd): Promise<Acquisition> {
    const now = this.tryAcquire(key)
    if ('release' in now || this.#waitingFor(key) >= this.#limits.maxWaiting) return now
    return await new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const settle = (outcome: Acquisition): void => {
        clearTimeout(timer)
        this.#queue.delete(waiting)
        waitEnd?.onEnd(null)
        resolve(outcome)
      }
      const waiting = { key, admit: () => { settle(this.#take(key)) } }
      this.#queue.add(waiting)
      const { maxWaitMs } = this.#limits
      if (maxWaitMs !== Infinity) timer = setTimeout(() => { settle({ refused: 'timeout' }) }, maxWaitMs)
      waitEnd?.onEnd(() => { settle({ refused: 'ended' }) })
    })
  }

  /** Does the work with a slot. Throws Error for a semaphore that limits how many may wait or for how long. */
  async run<Value> (work: () => Promise<Value>): Promise<Value> {
    const slot = await this.acquire()
    if ('refused' in slot) throw new Error(`the semaphore gives no slot: ${slot.refused}`)
    try {
      return await work()
    } finally {
      slot.release()
    }
  }

  #take (key: string): Slot {
    this.#held += 1
    this.#heldBy.set(key, (this.#heldBy.get(key) ?? 0) + 1)
    let isHeld = true
    return {
      release: () => {
        if (!isHeld) return
        isHeld = false
        this.#release(key)
      }
    }
  }

  #release (key: string): void {
    this.#held -= 1
    const left = (this.#heldBy.get(key) ?? 1) - 1
    if (left === 0) this.#heldBy.delete(key)
    else this.#heldBy.set(key, left)
    for (const next of this.#queue) {
      // In the same tick, so that no new acquisition takes the slot before the waiting one.
      if ((this.#heldBy.get(next.key) ?? 0) < this.#limits.slotsPerKey) return next.admit()
    }
  }

  #waitingFor (key: string): number {
    let count = 0
    for (const one of this.#queue) if (one.key === key) count += 1
    return count
  }
}

/**
 * Maps all items, at most `slots` at once. Keeps the order. Rejects with the first failure, but maps the others too.
 */
export async function mapAtMost<From, To> (
  items: readonly From[], slots: number, map: (item: From) => Promise<To>
): Promise<To[]> {
  const semaphore = new Semaphore({ slots })
  return await Promise.all(items.map(async (item) => await semaphore.run(async () => await map(item))))
}
