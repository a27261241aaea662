import { LinkedList } from './linked-list.ts'

export interface SemaphoreLimits {
  /** The most slots in use at the same time, for all keys together. A piece of work needs one slot. */
  readonly slots: number
  /** The most slots of one key, such as a caller. Default: any number. */
  readonly slotsPerKey?: number
  /** The most acquisitions of one key that may wait at the same time. Default: any number. */
  readonly maxWaiting?: number
  readonly maxWaitMs?: number
}

/** A slot, or the reason for the refusal. The code that gets a slot must call `release` when its work is over. */
export type Acquisition = Slot | { readonly refused: Refusal }

export interface Slot { readonly release: () => void }

/**
 * `full`: all slots are in use. `key-full`: the key has as many slots as one key may have. `timeout`: no slot came
 * within `maxWaitMs`. `ended`: the `WaitEnd` ended the wait.
 */
export type Refusal = 'full' | 'key-full' | 'timeout' | 'ended'

/**
 * Ends the wait of one acquisition from outside. A wait that begins gives `onEnd` the function that ends the wait. If
 * the reason to end is there already, `onEnd` calls this function at once. At the end `onEnd` gets null.
 */
export interface WaitEnd { onEnd (listener: (() => void) | null): void }

interface Waiting {
  readonly key: string
  readonly admit: () => void
}

/**
 * Limits how many pieces of work run at the same time. A free slot goes to the acquisition that has waited longest
 * among those whose key may have one more slot.
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

  /** Gives a slot if the key can get one now, else `key-full` or `full`. Does not wait. */
  tryAcquire (key = ''): Acquisition {
    if ((this.#heldBy.get(key) ?? 0) >= this.#limits.slotsPerKey) return { refused: 'key-full' }
    // A free slot is one that no waiting acquisition may take, because `#release` gives a slot to those first.
    return this.#held >= this.#limits.slots ? { refused: 'full' } : this.#take(key)
  }

  /** Waits if the key can get no slot now, but not when `maxWaiting` acquisitions of the key wait already. */
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

  /** Runs `work` with a slot. Throws Error without one, so only for semaphores without `maxWaiting` and `maxWaitMs`. */
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
 * Maps the items, at most `slots` at the same time. Gives the results in the order of the items. Rejects with the first
 * error of `map`, but still maps the other items.
 */
export async function mapAtMost<From, To> (
  items: readonly From[], slots: number, map: (item: From) => Promise<To>
): Promise<To[]> {
  const semaphore = new Semaphore({ slots })
  return await Promise.all(items.map(async (item) => await semaphore.run(async () => await map(item))))
}
