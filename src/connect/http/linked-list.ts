/** An item's place in its list: what takes it out again. */
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
 * Items in the order in which they came, each taken out in constant time. For what comes and goes with every request: a
 * Set makes a table anew every so often, and each old one keeps what was in it then, and the next table, from V8's
 * collector of the young. One of them that grew old holds all later ones until the next full collection.
 */
export class LinkedList<T> {
  #first: Node<T> | null = null
  #last: Node<T> | null = null
  #size = 0

  get size (): number {
    return this.#size
  }

  get first (): T | null {
    return this.#first?.item ?? null
  }

  add (item: T): Place<T> {
    const node: Node<T> = { item, before: this.#last, after: null, isIn: true }
    if (this.#last === null) this.#first = node
    else this.#last.after = node
    this.#last = node
    this.#size += 1
    return node
  }

  /** Takes a place that `add` of this list gave; idempotent. */
  delete (place: Place<T>): void {
    const node = place as Node<T>
    if (!node.isIn) return
    node.isIn = false
    if (node.before === null) this.#first = node.after
    else node.before.after = node.after
    if (node.after === null) this.#last = node.before
    else node.after.before = node.before
    // Or a node that grew old would keep its neighbours.
    node.before = null
    node.after = null
    this.#size -= 1
  }

  /** The items of this moment. */
  toArray (): T[] {
    const items: T[] = []
    for (let node = this.#first; node !== null; node = node.after) items.push(node.item)
    return items
  }
}
