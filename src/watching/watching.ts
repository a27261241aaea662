import { randomUUID } from 'node:crypto'
import type { CallObservation, ConnectClient, LeaveSignal } from '../connect/api.ts'
import type { Account, Caller } from '../credentials/callers.ts'
import { AppError } from '../errors/app-error.ts'
import { Semaphore } from '../limits/semaphore.ts'
import { KINDS, type Kind, type KindRules, type Objects } from './kinds.ts'
import { Poller } from './poller.ts'
import type { Listener } from './watched.ts'

/** The most details that are read at the same time, for all accounts together. Other reads need connections too. */
const DETAIL_SLOTS = 16
/** The most requests that wait at the same time: of all callers (MAX_WAITERS), and of one (MAX_WAITERS_EACH). */
const MAX_WAITERS = 5_000
const MAX_WAITERS_EACH = 2_000
/** How long the last read of a wait may take, in ms: `lateMs` when the wait has seen a detail, else `endMs`. */
export const WAIT_TIMES = { lateMs: 5_000, endMs: 20_000 }

export interface WatchingOptions {
  readonly connect: ConnectClient
  /** The shortest time between two list calls for one account and kind, in ms. */
  readonly gapMs: number
  readonly observe: (call: CallObservation) => void
  /** Called with the error of a round whose list call failed, if the previous round did not fail. */
  readonly warn: (kind: Kind, account: Account, error: unknown) => void
}

export interface WaitOptions {
  readonly caller: Caller
  /** When the wait ends at the latest, on the clock of `performance.now()`. */
  readonly deadline: number
  readonly signal?: LeaveSignal | undefined
}

/** The result of a wait: the object, read after the wait began, and whether the wait got what it waited for. */
export interface Waited<Found> { readonly object: Found, readonly isDone: boolean }

interface Wait<Found> extends WaitOptions {
  readonly wants: 'rest' | 'change'
  readonly isDone: (object: Found, isAtRest: boolean) => boolean
  /** For a request that waits for a change, the detail that it has seen; null for a request that waits for rest. */
  readonly seen: Found | null
}

type End<Found> = { readonly kind: 'done', readonly object: Found } | { readonly kind: 'over' | 'left' } |
  { readonly kind: 'refused', readonly error: unknown }

/**
 * Lets requests wait for objects of Connect, and tells streams the changes of objects. All waits and streams of one
 * account and kind share one poller.
 */
export class Watching {
  readonly #options: WatchingOptions
  readonly #slots = new Semaphore({ slots: DETAIL_SLOTS })
  readonly #waiters = new Semaphore({ slots: MAX_WAITERS, slotsPerKey: MAX_WAITERS_EACH })
  readonly #pollers = new Map<string, { poller: Poller<Objects[Kind]>, account: Account }>()
  /** The functions that end the running waits. */
  readonly #ends = new Set<() => void>()
  #isEnding = false

  constructor (options: WatchingOptions) {
    this.#options = options
  }

  get waiting (): number { return this.#waiters.held }

  /**
   * Waits until Connect no longer works on an object. At the deadline, and when the service stops, `isDone` is false.
   * The object is then read once more. When the read fails (other than with 404) or takes 5 s, and at a stop, `object`
   * is the last detail of the wait, if there is one. Rejects with OVERLOADED when too many requests wait, with an error
   * of Connect, with UPSTREAM_TIMEOUT when Connect has shown nothing 20 s after the end of the wait, and with an
   * AbortError when the caller leaves.
   */
  async untilAtRest<K extends Kind> (kind: K, id: string, options: WaitOptions): Promise<Waited<Objects[K]>> {
    return await this.#wait(kind, id, {
      ...options, wants: 'rest', isDone: (_object, isAtRest) => isAtRest, seen: null
    })
  }

  /** Waits until `isChanged` is true for an object. `seen`: the object as the request has read it. */
  async untilChanged<K extends Kind> (
    kind: K, id: string, seen: Objects[K], options: WaitOptions & { isChanged: (object: Objects[K]) => boolean }
  ): Promise<Waited<Objects[K]>> {
    return await this.#wait(kind, id, { ...options, wants: 'change', isDone: options.isChanged, seen })
  }

  pollerOf<K extends Kind> (kind: K, account: Account): Poller<Objects[K]> {
    const { name, role, accountId } = account
    const key = JSON.stringify([kind, name, role, accountId])
    const known = this.#pollers.get(key)
    if (known !== undefined) {
      // The callers file may have a new credential for the account since then. The next calls to Connect use it.
      known.account = account
      return known.poller as unknown as Poller<Objects[K]>
    }
    const { connect, gapMs, observe, warn } = this.#options
    const poller: Poller<Objects[K]> = new Poller<Objects[K]>({
      rules: KINDS[kind] as unknown as KindRules<Objects[K]>,
      connect,
      slots: this.#slots,
      gapMs,
      contextOf: isPoll => ({
        credential: entry.account.apiKey, requestId: randomUUID(), observe, mayRetry: !isPoll
      }),
      warn: error => { warn(kind, entry.account, error) }
    })
    const entry = { poller: poller as unknown as Poller<Objects[Kind]>, account }
    this.#pollers.set(key, entry)
    return poller
  }

  /** Without any id, the stream watches all usage files in an open status (see `KindRules`). */
  listen (account: Account, ids: Readonly<Record<Kind, readonly string[]>>, listener: Listener): (() => void)[] {
    const objects = (Object.entries(ids) as [Kind, readonly string[]][]).flatMap(([kind, list]) =>
      [...new Set(list)].map(id => ({ kind, id })))
    if (objects.length === 0) return [this.pollerOf('usage-file', account).listenToAll(listener)]
    return objects.map(({ kind, id }) => this.pollerOf(kind, account).listen(id, listener))
  }

  /** Makes the pollers of the account ask Connect as soon as they may, because something may have changed. */
  hint (accountName: string): void {
    for (const { poller, account } of this.#pollers.values()) if (account.name === accountName) poller.hint()
  }

  /** Ends all waits now, as if their deadlines had come. A wait that begins later ends at once. */
  end (): void {
    this.#isEnding = true
    for (const end of this.#ends) end()
  }

  stop (): void {
    for (const { poller } of this.#pollers.values()) poller.stop()
  }

  async #wait<K extends Kind> (kind: K, id: string, wait: Wait<Objects[K]>): Promise<Waited<Objects[K]>> {
    const slot = this.#waiters.tryAcquire(wait.caller.id)
    if ('refused' in slot) {
      throw new AppError('OVERLOADED', 'Too many requests wait for objects now.', { retryAfterSeconds: 5 })
    }
    const poller = this.pollerOf(kind, wait.caller.account)
    let last: Objects[K] | null = null
    let leave = (): void => {}
    try {
      const end = await this.#ended<Objects[K]>(wait, take => {
        leave = poller.wait(id, {
          wants: wait.wants,
          since: performance.now(),
          offer: (object, isAtRest) => {
            last = object
            if (wait.isDone(object, isAtRest)) take({ kind: 'done', object })
          },
          refuse: error => { take({ kind: 'refused', error }) }
        }, wait.seen)
      })
      switch (end.kind) {
        case 'done': return { object: end.object, isDone: true }
        case 'refused': throw end.error
        case 'left': throw new DOMException('The caller left.', 'AbortError')
        case 'over': {
          // When the service stops, there is no time to read again for each of up to 5,000 waits.
          const object = this.#isEnding && last !== null ? last : await readAtEnd(poller, id, last)
          return { object, isDone: false }
        }
      }
    } finally {
      leave()
      slot.release()
    }
  }

  async #ended<Found> (
    { deadline, signal }: WaitOptions, begin: (take: (end: End<Found>) => void) => void
  ): Promise<End<Found>> {
    let stopListening = (): void => {}
    try {
      return await new Promise<End<Found>>(resolve => {
        const finish = (): void => { resolve({ kind: 'over' }) }
        const abort = (): void => { resolve({ kind: 'left' }) }
        const timer = setTimeout(finish, Math.max(0, deadline - performance.now()))
        this.#ends.add(finish)
        signal?.addEventListener('abort', abort)
        stopListening = () => {
          clearTimeout(timer)
          this.#ends.delete(finish)
          signal?.removeEventListener('abort', abort)
        }
        if (signal?.aborted === true) abort()
        else if (this.#isEnding) finish()
        else begin(resolve)
      })
    } finally {
      stopListening()
    }
  }
}

/** Reads the object. When that fails or is late (WAIT_TIMES), gives `last`. Rejects if that is null, and for a 404. */
async function readAtEnd<Found extends Objects[Kind]> (
  poller: Poller<Found>, id: string, last: Found | null
): Promise<Found> {
  const read = poller.read(id).catch((error: unknown) => {
    if (last === null || isGone(error)) throw error
    return last
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Found>((resolve, reject) => {
    const isOver = (): void => {
      if (last !== null) resolve(last)
      else reject(new AppError('UPSTREAM_TIMEOUT', 'Connect did not show the object in time.'))
    }
    timer = setTimeout(isOver, last === null ? WAIT_TIMES.endMs : WAIT_TIMES.lateMs)
  })
  try {
    return await Promise.race([read, late])
  } finally {
    clearTimeout(timer)
  }
}

function isGone (error: unknown): boolean {
  return (error as { status?: unknown } | null)?.status === 404
}
