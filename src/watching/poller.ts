import type { CallContext, ConnectClient } from '../connect/api.ts'
import type { Semaphore } from '../limits/semaphore.ts'
import { Knowledge } from './knowledge.ts'
import { digestOf, type Kind, type KindRules, type Objects } from './kinds.ts'
import { DetailReads } from './detail-reads.ts'
import { Lists } from './lists.ts'
import { Rounds } from './rounds.ts'
import type { Listener, Waiter, Watched } from './watched.ts'

export interface PollerOptions<Found> {
  readonly rules: KindRules<Found>
  readonly connect: ConnectClient
  /** Gives the context for one call to Connect. `isPoll`: a list call, which is not sent again after a failure. */
  readonly contextOf: (isPoll: boolean) => CallContext
  /** Limits how many details are read at the same time. */
  readonly slots: Semaphore
  /** The shortest time between the beginnings of two list calls, in ms. */
  readonly gapMs: number
  /** Called with the error of a round whose list call failed, if the previous round did not fail. */
  readonly warn: (error: unknown) => void
}

/** After how many milliseconds without an answer to a list call the streams are told that Connect cannot be asked. */
export const POLL_TIMES = { staleMs: 10_000 }
/** The most details that are read again in one round even if no list shows a change. */
const MAX_RECHECKS = 10

/**
 * Asks Connect for the objects of one account and kind that requests and streams watch. Makes at most one list call in
 * `gapMs`, fewer when nothing happens, and none without watchers. Lists by status serve requests that wait until an
 * object is at rest, streams without ids, and more than 100 objects at once. Lists by key serve other requests and
 * streams, and kinds that Connect does not list by status.
 */
export class Poller<Found extends Objects[Kind]> {
  readonly #options: PollerOptions<Found>
  readonly #knowledge: Knowledge<Found>
  readonly #reads: DetailReads<Found>
  readonly #rounds: Rounds
  readonly #lists: Lists<Found>
  #watchers = 0

  constructor (options: PollerOptions<Found>) {
    this.#options = options
    const { rules, connect, contextOf, slots, gapMs, warn } = options
    this.#knowledge = new Knowledge(rules, { check: id => { this.#check(id) }, recheckMs: 2 * gapMs })
    this.#lists = new Lists(this.#knowledge, { rules, connect, contextOf: () => contextOf(true), gapMs })
    this.#reads = new DetailReads({
      slots,
      read: async id => await rules.read(connect, id, contextOf(false)),
      onDetail: (id, found, at) => { this.#see(id, object => { this.#knowledge.seeDetail(object, found, at) }) },
      onError: (id, error) => { this.#see(id, object => { this.#knowledge.seeError(object, error) }) }
    })
    this.#rounds = new Rounds({
      gapMs,
      run: async () => { await this.#round() },
      onFailure: (error, isFirst) => {
        if (isFirst) warn(error)
        // Called after every failure: streams that were opened since the first failure have not been told.
        this.#knowledge.lose()
      }
    })
  }

  /** Gives the detail of an object, from a call to Connect that begins now or later. */
  async read (id: string): Promise<Found> {
    return await this.#reads.read(id, performance.now())
  }

  /**
   * Adds a request that waits for an object, and gives the function that removes it. `seen`: the detail that is known
   * to a request for a change; null for a request that waits for rest.
   */
  wait (id: string, waiter: Waiter<Found>, seen: Found | null): () => void {
    const isFirst = this.#watchers === 0
    const object = this.#knowledge.objectOf(id)
    object.waiters.add(waiter)
    const leave = this.#enter(object, () => { object.waiters.delete(waiter) }, this.#options.gapMs / 10)
    if (seen !== null) {
      const digest = digestOf(seen)
      object.listKey ??= this.#options.rules.listKeyOf(seen)
      object.detail ??= digest
      if (object.detail !== digest || (object.row ?? digest) !== digest) this.#check(id)
    } else if (isFirst || this.#rounds.areFailing || !this.#lists.mayShow(object)) this.#check(id)
    return leave
  }

  /** The stream is first told the present status of the object, or `stale` when the status cannot be read. */
  listen (id: string, listener: Listener): () => void {
    const object = this.#knowledge.objectOf(id)
    object.joining.add(listener)
    const leave = this.#enter(object, () => {
      object.joining.delete(listener)
      object.listeners.delete(listener)
    }, 0)
    const join = (): void => {
      if (!object.joining.delete(listener)) return
      if (object.status === undefined || object.isLost) {
        object.isLost = true
        listener.lose()
      } else this.#knowledge.tellFirst(listener, object)
      object.listeners.add(listener)
    }
    const isFresh = object.seenAt > performance.now() - 2 * this.#options.gapMs
    if (isFresh && object.status !== undefined && !object.isLost) join()
    else void this.read(id).then(join, join)
    return leave
  }

  /** After the next complete list, the stream is told the statuses in that list, then changes of open objects. */
  listenToAll (listener: Listener): () => void {
    const { joining, everywhere } = this.#knowledge
    joining.add(listener)
    return this.#enter(null, () => {
      joining.delete(listener)
      everywhere.delete(listener)
    }, 0)
  }

  /** Makes the next list call as soon as it may be made: something may have changed. Does nothing without watchers. */
  hint (): void {
    if (this.#watchers > 0) this.#rounds.begin(0)
  }

  stop (): void {
    this.#rounds.stop()
  }

  #enter (object: Watched<Found> | null, remove: () => void, delayMs: number): () => void {
    let isIn = true
    this.#watchers += 1
    this.#rounds.begin(delayMs)
    return () => {
      if (!isIn) return
      isIn = false
      remove()
      this.#watchers -= 1
      if (object !== null) this.#forgetUnused(object)
      if (this.#watchers === 0) this.#rest()
    }
  }

  #rest (): void {
    this.#rounds.rest()
    this.#lists.restart()
    this.#knowledge.objects.clear()
  }

  async #round (): Promise<void> {
    const timer = setTimeout(() => { this.#knowledge.lose() }, POLL_TIMES.staleMs)
    try {
      await this.#lists.next()
      for (const object of this.#knowledge.objects.values()) this.#forgetUnused(object)
    } finally {
      clearTimeout(timer)
      this.#recheck()
    }
  }

  #recheck (): void {
    const now = performance.now()
    let left = MAX_RECHECKS
    for (const object of this.#knowledge.objects.values()) {
      if (left === 0) return
      if (object.recheckAt > now) continue
      object.recheckAt = Infinity
      left -= 1
      this.#check(object.id)
    }
  }

  #check (id: string): void {
    // `onError` of the reads has handled the error already.
    void this.read(id).catch(() => {})
  }

  #see (id: string, see: (object: Watched<Found>) => void): void {
    const object = this.#knowledge.objects.get(id)
    if (object === undefined) return
    const before = object.status
    see(object)
    if (object.status !== before) this.#rounds.noteChange()
    this.#forgetUnused(object)
  }

  #forgetUnused (object: Watched<Found>): void {
    if (!this.#reads.has(object.id)) this.#knowledge.forgetUnused(object)
  }
}
