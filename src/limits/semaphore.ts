import { LinkedList } from './linked-list.ts'

export interface SemaphoreLimits {
  /** The number of slots, for all keys together: so many pieces of work may run at the same time. */
  readonly slots: number
  /** The most slots that may be in use for one key, such as a caller. Default: any number. */
  readonly slotsPerKey?: number
  /** The most acquisitions of one key that may wait at the same time. Default: any number. */
  readonly maxWaiting?: number
  /** The most milliseconds that an acquisition may wait. Default: any time. */
  readonly maxWaitMs?: number
}

/**
 * What `acquire` and `tryAcquire` give: a slot, or the reason why there is none. The holder calls `release` when its
 * work is over. A second call of `release` does nothing.
 */
export type Acquisition = Slot | { readonly refused: Refusal }

export interface Slot { readonly release: () => void }

/**
 * Why there is no slot. `key-full`: as many slots are in use for the key as one key may have. `full`: all slots are in
 * use, for any keys. `acquire` gives these two only when `maxWaiting` acquisitions of the key wait already. `timeout`:
 * no slot came within `maxWaitMs`. `ended`: the `WaitEnd` ended the wait.
 */
export type Refusal = 'full' | 'key-full' | 'timeout' | 'ended'

/**
 * Ends the wait of one acquisition from outside, for example when a request is aborted. When a wait begins, the
 * semaphore calls `onEnd` with the function that ends the wait. That function is to be called when the reason to end
 * comes, or at once when it is there already. When the wait is over, the semaphore calls `onEnd` with null.
 */
export interface WaitEnd { onEnd (listener: (() => void) | null): void }

interface Waiting {
  readonly key: string
  readonly admit: () => void
}

/**
 * Bounds how much work runs at the same time: in all, and for one key, such as a caller. A released slot goes to the
 * acquisition that has waited longest. An acquisition is passed over while its key has as many slots as one key may
 * have. A key that has no slot and waits for none takes no memory.
 */
export class Semaphore {
  readonly #limits: Required<SemaphoreLimits>
  readonly #heldBy = new Map<string, number>()
  readonly #queue = new LinkedList<Waiting>()
  #held = 0

  constructor ({ slots, slotsPerKey = Infinity, maxWaiting = Infinity, maxWaitMs = Infinity }: SemaphoreLimits) {
    this.#limits = { slots, slotsPerKey, maxWaiting, maxWaitMs }
  }

  get held (): number {
    return this.#held
  }

  get waiting (): number {
    return this.#queue.size
  }

  /** Gives a slot when the key can get one now; otherwise the reason, `key-full` or `full`. Does not wait. */
  tryAcquire (key = ''): Acquisition {
    if ((this.#heldBy.get(key) ?? 0) >= this.#limits.slotsPerKey) return { refused: 'key-full' }
    // A free slot is one that no waiting acquisition may take, because `#release` gives a slot to those first.
    return this.#held >= this.#limits.slots ? { refused: 'full' } : this.#take(key)
  }

  /**
   * Gives a slot; when none is free for the key, after a wait. Gives the reason instead when no slot is free and
   * `maxWaiting` acquisitions of the key wait already, when the wait is longer than `maxWaitMs`, or when `waitEnd` ends
   * it.
   */
  async acquire (key = '', waitEnd?: WaitEnd): Promise<Acquisition> {
    const now = this.tryAcquire(key)
    if ('release' in now || this.#waitingFor(key) >= this.#limits.maxWaiting) return now
    return await new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const settle = (outcome: Acquisition): void => {
        clearTimeout(timer)
        this.#queue.delete(place)
        waitEnd?.onEnd(null)
        resolve(outcome)
      }
      const place = this.#queue.add({ key, admit: () => { settle(this.#take(key)) } })
      const { maxWaitMs } = this.#limits
      if (maxWaitMs !== Infinity) timer = setTimeout(() => { settle({ refused: 'timeout' }) }, maxWaitMs)
      waitEnd?.onEnd(() => { settle({ refused: 'ended' }) })
    })
  }

  /**
   * Waits for a slot, runs `work`, and releases the slot. Gives and throws what `work` does. For semaphores without
   * `maxWaiting` and `maxWaitMs`: with these it throws Error when it gets no slot.
   */
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
    // The slot is given without a delay, so that no new acquisition comes between.
    this.#queue.find(({ key }) => (this.#heldBy.get(key) ?? 0) < this.#limits.slotsPerKey)?.admit()
  }

  #waitingFor (key: string): number {
    let count = 0
    for (const one of this.#queue.toArray()) if (one.key === key) count += 1
    return count
  }
}

/**
 * Calls `map` with each item, for at most `slots` items at the same time, and gives the results in the order of the
 * items. When a call fails, rejects at once with the error of that call; the other items are mapped all the same.
 */
export async function mapAtMost<From, To> (
  items: readonly From[], slots: number, map: (item: From) => Promise<To>
): Promise<To[]> {
  const semaphore = new Semaphore({ slots })
  return await Promise.all(items.map(async (item) => await semaphore.run(async () => await map(item))))
}
