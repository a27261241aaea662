/** The place of an item in its list, by which `delete` removes it. */
export interface Place<T> {
  readonly item: T
}

interface Node<T> extends Place<T> {
  before: Node<T> | null
  after: Node<T> | null
  isIn: boolean
}

/**
 * A list of items that come and go with each request. It stands in place of a Set (docs/decisions.md says what that
 * saves). A Set replaces its table from time to time, and an old table refers to the next table and to its own items.
 * V8 moves objects that live long to its old generation, which only a full garbage collection frees. Once one old table
 * is there, all later tables stay in memory until then, with all that their items refer to.
 */
export class LinkedList<T> {
  #first: Node<T> | null = null
  #last: Node<T> | null = null
  #size = 0

  get size (): number { return this.#size }

  /** Adds an item at the end. The same item may be added more than once. */
  add (item: T): Place<T> {
    const node: Node<T> = { item, before: this.#last, after: null, isIn: true }
    if (this.#last === null) this.#first = node
    else this.#last.after = node
    this.#last = node
    this.#size += 1
    return node
  }

  /** Removes the item of a place that `add` of this list gave. Idempotent. */
  delete (place: Place<T>): void {
    const node = place as Node<T>
    if (!node.isIn) return
    node.isIn = false
    this.#size -= 1
    if (node.before === null) this.#first = node.after
    else node.before.after = node.after
    if (node.after === null) this.#last = node.before
    else node.after.before = node.before
    // Without this, a removed node in V8's old generation would keep its neighbours in memory.
    node.before = null
    node.after = null
  }

  /** Gives the item that was added first of those for which `isWanted` is true; else undefined. */
  find (isWanted: (item: T) => boolean): T | undefined {
    let node = this.#first
    while (node !== null && !isWanted(node.item)) node = node.after
    return node?.item
  }

  /** Gives a copy of the items, the oldest first. The list may change while the array is read. */
  toArray (): T[] {
    const items: T[] = []
    for (let node = this.#first; node !== null; node = node.after) items.push(node.item)
    return items
  }
}
