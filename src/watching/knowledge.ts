import { ConnectResponseError, hasGivenUp } from '../connect/errors.ts'
import { digestOf, statusIn, type KindRules, type Objects, type Kind } from './kinds.ts'
import { Watched, type Listener } from './watched.ts'

export interface KnowledgeOptions {
  /** Starts the read of the detail of an object. Its result comes to `seeDetail` or `seeError`. */
  readonly check: (id: string) => void
  /** The shortest time in ms after which the detail of an object is read again even if no list shows a change. */
  readonly recheckMs: number
}

/**
 * Keeps what one poller knows of the objects of one account and kind, and tells it to listeners and waiters. A row of a
 * list may be older than a detail that was read before the list. So a row may start the read of a detail, and listeners
 * are told what the detail shows. Of a row they are told only the first status of an object, and the same status again
 * after `lose`.
 */
export class Knowledge<Found extends Objects[Kind]> {
  readonly objects = new Map<string, Watched<Found>>()
  /** Listeners to all open objects, which are those in a moving or in another open status (see `KindRules`). */
  readonly everywhere = new Set<Listener>()
  /** Listeners that wait for the next complete list, and then move to `everywhere`. */
  readonly joining = new Set<Listener>()
  readonly #rules: KindRules<Found>
  readonly #options: KnowledgeOptions
  readonly #openStatuses: readonly string[]

  constructor (rules: KindRules<Found>, options: KnowledgeOptions) {
    this.#rules = rules
    this.#options = options
    this.#openStatuses = [...rules.movingStatuses ?? [], ...rules.otherOpenStatuses]
  }

  get isForAll (): boolean { return this.everywhere.size > 0 || this.joining.size > 0 }

  objectOf (id: string): Watched<Found> {
    let object = this.objects.get(id)
    if (object === undefined) {
      object = new Watched<Found>(id, this.#rules.movingStatuses === null ? null : id)
      this.objects.set(id, object)
    }
    return object
  }

  /** `at`: when the list call began, by `performance.now()`. May start the read of the detail. */
  seeRow (object: Watched<Found>, row: Found, at: number): void {
    const [digest, status, rest] = [digestOf(row), statusIn(row), this.#rules.restOf(row)]
    object.isSettled = rest === 'settling' && digest === object.row
    const isMoving = rest !== 'at-rest' && !object.isSettled
    object.setRow(digest, status, isMoving)
    object.seenAt = at
    if (object.status === undefined || (object.isLost && object.status === status)) this.#tell(object, status, null)
    this.#checkIf(object, (!isMoving && object.isWaitedFor('rest')) ||
      (digest !== object.detail && object.isWaitedFor('change')) ||
      (status !== object.status && this.#hasListener(object)))
  }

  /** Notes that a list lacks an object that was expected in it: it may have another status now, or be gone. */
  seeAbsence (object: Watched<Found>): void {
    object.isSettled = false
    object.setRow('absent', null, false)
    this.#checkIf(object, object.waiters.size > 0 || this.#hasListener(object))
  }

  /** `at`: when the call began, on the clock of `performance.now()`. */
  seeDetail (object: Watched<Found>, found: Found, at: number): void {
    // A read that began later was answered before this one, so this detail is out of date.
    if (at < object.detailAt) return
    const [status, rest, previous] = [statusIn(found), this.#rules.restOf(found), object.status]
    object.listKey = this.#rules.listKeyOf(found) ?? object.listKey
    object.detail = digestOf(found)
    object.detailAt = object.seenAt = at
    if (status !== previous || object.isLost) {
      this.#tell(object, status, status === previous ? null : previous ?? null)
    }
    const isAtRest = rest === 'at-rest' || (rest === 'settling' && object.isSettled)
    for (const waiter of object.waiters) if (waiter.since <= at) waiter.offer(found, isAtRest)
    const isListBehind = object.rowStatus !== null && object.rowStatus !== status
    if ((!isAtRest && !object.isRowMoving) || isListBehind) object.recheckAfter(this.#options.recheckMs)
    else object.recheckAt = Infinity
  }

  /** An error that will last ends the waits for the object. After a 404 listeners are told the status null, once. */
  seeError (object: Watched<Found>, error: unknown): void {
    object.recheckAfter(this.#options.recheckMs)
    if (!isLasting(error)) return
    if (error.status === 404 && object.status !== null) this.#tell(object, null, object.status ?? null)
    for (const waiter of object.waiters) waiter.refuse(error)
  }

  /** Tells all listeners that Connect cannot be asked, but not those that wait for the first status of one object. */
  lose (): void {
    const listeners = new Set([...this.everywhere, ...this.joining])
    for (const object of this.objects.values()) {
      object.isLost = this.#hasListener(object)
      for (const listener of object.listeners) listeners.add(listener)
    }
    for (const listener of listeners) listener.lose()
  }

  /** Tells the joining listeners the statuses of a complete list. After that they are told changes of open objects. */
  joinAll (ids: ReadonlySet<string>): void {
    for (const listener of this.joining) {
      for (const object of this.objects.values()) if (ids.has(object.id)) this.tellFirst(listener, object)
      this.everywhere.add(listener)
    }
    this.joining.clear()
  }

  /**
   * Forgets an object without watchers. Exception: while a listener watches all open objects, keeps open objects and
   * those of the last complete list.
   */
  forgetUnused (object: Watched<Found>): void {
    const isKept = this.isForAll && (object.isSwept || this.isOpen(object.status))
    if (!object.hasWatchers && !isKept) this.objects.delete(object.id)
  }

  tellFirst (listener: Listener, { id, status = null }: Watched<Found>): void {
    listener.tell(this.#rules.kind, { id, status, previousStatus: null, at: new Date().toISOString() })
  }

  isOpen (status: string | null | undefined): boolean {
    return typeof status === 'string' && this.#openStatuses.includes(status)
  }

  #hasListener ({ listeners, status, isSwept }: Watched<Found>): boolean {
    return listeners.size > 0 || (this.everywhere.size > 0 && (isSwept || this.isOpen(status)))
  }

  #checkIf (object: Watched<Found>, isNeeded: boolean): void {
    if (!isNeeded || (object.checkedRow === object.row && performance.now() < object.recheckAt)) return
    object.checkedRow = object.row
    this.#options.check(object.id)
  }

  #tell (object: Watched<Found>, status: string | null, previousStatus: string | null): void {
    const isOpen = this.isOpen(status) || this.isOpen(object.status)
    object.status = status
    object.isLost = false
    const change = { id: object.id, status, previousStatus, at: new Date().toISOString() }
    for (const listener of object.listeners) listener.tell(this.#rules.kind, change)
    if (isOpen) for (const listener of this.everywhere) listener.tell(this.#rules.kind, change)
  }
}

/** Whether Connect would refuse to show the object later, too: a 4xx other than 408, 429 and 499. */
function isLasting (error: unknown): error is ConnectResponseError {
  return error instanceof ConnectResponseError && error.status < 500 && error.status !== 429 &&
    !hasGivenUp(error.status)
}
