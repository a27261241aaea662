import type { CallContext, ConnectClient } from '../connect/api.ts'
import type { Page } from '../connect/filters.ts'
import type { Kind, KindRules, Objects } from './kinds.ts'
import type { Knowledge } from './knowledge.ts'
import { Sweep } from './sweep.ts'
import type { Watched } from './watched.ts'

export interface ListsOptions<Found> {
  readonly rules: KindRules<Found>
  readonly connect: ConnectClient
  readonly contextOf: () => CallContext
  readonly gapMs: number
}

/** The most keys in one list call. With more, the URL would be longer than the 4,094 bytes that some servers take. */
const MAX_KEYS = 100

/** Makes the list calls of a poller, at most one in each round, and notes in the knowledge what the lists show. */
export class Lists<Found extends Objects[Kind]> {
  readonly #knowledge: Knowledge<Found>
  readonly #options: ListsOptions<Found>
  /** `#sweep`: the list by status under way; null between two lists. `#swept`: the last complete one; null before. */
  #sweep: Sweep | null = null
  #swept: Sweep | null = null
  #didSweep = false

  constructor (knowledge: Knowledge<Found>, options: ListsOptions<Found>) {
    this.#knowledge = knowledge
    this.#options = options
  }

  /** Calls by status and calls by keys take turns when both are needed. */
  async next (): Promise<void> {
    const isSweepWanted = this.#isSweepWanted()
    const keys = this.#keysToList(isSweepWanted)
    this.#didSweep = isSweepWanted && (keys.size === 0 || !this.#didSweep)
    const at = performance.now()
    if (this.#didSweep) await this.#listMoving(at)
    else if (keys.size > 0) await this.#listKeys(keys, at)
  }

  #isSweepWanted (): boolean {
    if (this.#options.rules.movingStatuses === null) return false
    const { objects, isForAll } = this.#knowledge
    if (isForAll || objects.size > MAX_KEYS) return true
    return [...objects.values()].some(object => object.isWaitedFor('rest'))
  }

  /**
   * Up to MAX_KEYS keys of objects, first those seen longest ago. An object for which requests wait only until it is at
   * rest needs no list by key, unless Connect does not list its kind by status.
   */
  #keysToList (isSweepWanted: boolean): ReadonlySet<string> {
    const isByKeyOnly = this.#options.rules.movingStatuses === null
    const due: (Watched<Found> & { listKey: string })[] = []
    for (const object of this.#knowledge.objects.values()) {
      const isDue = object.listeners.size > 0 || object.isWaitedFor('change') || (isByKeyOnly && object.hasWatchers)
      if (isDue && object.listKey !== null && !(isSweepWanted && object.isSwept)) due.push(object as typeof due[number])
    }
    const keys = new Set<string>()
    for (const { listKey } of due.sort((a, b) => a.seenAt - b.seenAt)) if (keys.size < MAX_KEYS) keys.add(listKey)
    return keys
  }

  async #listKeys (keys: ReadonlySet<string>, at: number): Promise<void> {
    const { rules, connect, contextOf } = this.#options
    const asked = [...this.#knowledge.objects.values()].filter(({ listKey }) => listKey !== null && keys.has(listKey))
    const page = await rules.listByKeys(connect, [...keys], contextOf())
    this.#seeRows(page, at)
    if (page.items.length < page.total) return
    const shown = new Set(page.items.map(({ id }) => id))
    for (const object of asked) if (!shown.has(object.id)) this.#knowledge.seeAbsence(object)
  }

  async #listMoving (at: number): Promise<void> {
    const { rules, connect, contextOf } = this.#options
    const { objects, isForAll } = this.#knowledge
    const statuses = [...rules.movingStatuses ?? [], ...(isForAll ? rules.otherOpenStatuses : [])]
    if (this.#sweep?.isOf(statuses) !== true) this.#sweep = new Sweep(statuses, at)
    const sweep = this.#sweep
    const page = await rules.listByStatus(connect, statuses, sweep.offset, contextOf())
    if (isForAll) for (const { id } of page.items) if (typeof id === 'string') this.#knowledge.objectOf(id)
    this.#seeRows(page, at)
    if (!sweep.take(page)) return
    this.#swept = sweep
    this.#sweep = null
    for (const object of objects.values()) {
      const wasSwept = object.isSwept
      object.isSwept = sweep.ids.has(object.id)
      if (!object.isSwept && (wasSwept || object.isWaitedFor('rest'))) this.#knowledge.seeAbsence(object)
    }
    if (isForAll) this.#knowledge.joinAll(sweep.ids)
  }

  #seeRows (page: Page<Found>, at: number): void {
    for (const row of page.items) {
      const object = typeof row.id === 'string' ? this.#knowledge.objects.get(row.id) : undefined
      if (object !== undefined) this.#knowledge.seeRow(object, row, at)
    }
  }

  /** Whether the next list may show that an object is not at rest. If not, only a read of the detail tells. */
  mayShow ({ id, row, isRowMoving }: Watched<Found>): boolean {
    const { rules: { movingStatuses }, gapMs } = this.#options
    if (movingStatuses === null || (row !== null && !isRowMoving)) return false
    const swept = this.#swept
    return swept === null || swept.startedAt < performance.now() - 2 * gapMs || swept.ids.has(id)
  }

  restart (): void {
    this.#sweep = null
  }
}
