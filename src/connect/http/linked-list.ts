/** The place of an item in its list, by which `delete` removes it. */
export interface Place<T> {
  readonly item: T
}

interface Node<T> extends Place<T> {
  item: T
  before: Node<T> | null
  after: Node<T> | null
  isIn: boolean
}

/**
 * A list of items that come and go with each request. It stands in place of a Set: with a Set, a request for one object
 * takes 1.4 times the CPU (docs/decisions.md). A Set replaces its table from time to time, and an old table refers to
 * the next table and to its own items. V8 moves objects that live long to its old generation, which only a full garbage
 * collection frees. Once one old table is there, all later tables stay in memory until then.
 */
export class LinkedList<T> {
  #first: Node<T> | null = null

  add (item: T): Place<T> {
    const node: Node<T> = { item, before: null, after: this.#first, isIn: true }
    if (this.#first !== null) this.#first.before = node
    this.#first = node
    return node
  }

  /** Removes the item of a place that `add` of this list gave. Idempotent. */
  delete (place: Place<T>): void {
    const node = place as Node<T>
    if (!node.isIn) return
    node.isIn = false
    if (node.before === null) this.#first = node.after
    else node.before.after = node.after
    if (node.after !== null) node.after.before = node.before
    // Without this, a removed node in V8's old generation would keep its neighbours in memory.
    node.before = null
    node.after = null
  }

  /** Gives a copy of the items, the latest first. The list may change while the array is read. */
  toArray (): T[] {
    const items: T[] = []
    for (let node = this.#first; node !== null; node = node.after) items.push(node.item)
    return items
  }
}
