import type { Kind } from './kinds.ts'

/** A request that waits for an object of Connect. */
export interface Waiter<Found> {
  /** `rest`: that Connect no longer works on the object. `change`: that something of the object changes. */
  readonly wants: 'rest' | 'change'
  /** When the wait began, on the clock of `performance.now()`. Details of calls that began earlier are not offered. */
  readonly since: number
  /** Gets the details of the object (what Connect shows for its id) that are read while the request waits. */
  readonly offer: (object: Found, isAtRest: boolean) => void
  /** Gets the error when Connect refuses to show the object, for example with a 404. */
  readonly refuse: (error: unknown) => void
}

/** A status that is told at the time `at` (ISO 8601); null when Connect does not know the object or shows no status. */
export interface Change {
  readonly id: string
  readonly status: string | null
  /** Null when a listener is told its first status, after the status null, and when a status is told again. */
  readonly previousStatus: string | null
  readonly at: string
}

export interface Listener {
  tell: (kind: Kind, change: Change) => void
  /** Tells the stream that Connect cannot be asked, so the last status may be out of date. */
  lose: () => void
}

/** What a poller knows of one object that a request or a stream watches. */
export class Watched<Found> {
  readonly id: string
  readonly waiters = new Set<Waiter<Found>>()
  readonly listeners = new Set<Listener>()
  /** Listeners that have not been told the first status. */
  readonly joining = new Set<Listener>()
  /** The last status that was told, also if there was no listener; undefined before the first one. */
  status: string | null | undefined = undefined
  /** Whether listeners were told that the status may be out of date. */
  isLost = false
  /** When the call began that showed the object last, on the clock of `performance.now()`. */
  seenAt = -Infinity
  /** The id by which Connect lists the object (see `listKeyOf`); null while it is not known. */
  listKey: string | null
  /** How the last list showed the object: the digest of its row, or `absent`; null before the first list. */
  row: string | null = null
  rowStatus: string | null = null
  /** Whether the last row showed that the object is not at rest. */
  isRowMoving = false
  /** Whether the last two lists showed the object unchanged and `settling` (see `Rest`). */
  isSettled = false
  /** Whether the last complete list by status had the object. */
  isSwept = false
  /** The value of `row` when a list last started a read of the detail; null before. */
  checkedRow: string | null = null
  /** The digest of the last detail; null before the first. `detailAt`: when its call began, by `performance.now()`. */
  detail: string | null = null
  detailAt = -Infinity
  /** When the detail is read again even if no list shows a change, by `performance.now()`; Infinity: not planned. */
  recheckAt = Infinity
  #rechecks = 0

  constructor (id: string, listKey: string | null) {
    this.id = id
    this.listKey = listKey
  }

  get hasWatchers (): boolean {
    return this.waiters.size > 0 || this.listeners.size > 0 || this.joining.size > 0
  }

  isWaitedFor (what: Waiter<Found>['wants']): boolean {
    for (const waiter of this.waiters) if (waiter.wants === what) return true
    return false
  }

  setRow (row: string, status: string | null, isMoving: boolean): void {
    if (row !== this.row) this.#rechecks = 0
    this.row = row
    this.rowStatus = status
    this.isRowMoving = isMoving
    if (isMoving) this.recheckAt = Infinity
  }

  /** Plans a read of the detail: in `unitMs`, then in twice, then in four times that. A changed row begins anew. */
  recheckAfter (unitMs: number): void {
    this.recheckAt = performance.now() + unitMs * 2 ** Math.min(this.#rechecks, 2)
    this.#rechecks += 1
  }
}
