export interface Place<T> {
  readonly item: T
}

interface Node<T> extends Place<T> {
  before: Node<T> | null
  after: Node<T> | null
  isIn: boolean
}

/**
 * A list of items that come and go with each request, in place of a Set. A Set replaces its table from time to time. An
 * old table in V8's old generation keeps all later tables, and what their items refer to, in memory until a full
 * garbage collection.
 */
export class LinkedList<T> {
  #first: Node<T> | null = null
  #last: Node<T> | null = null
  #size = 0

  get size (): number { return this.#size }

  add (item: T): Place<T> {
    const node: Node<T> = { item, before: this.#last, after: null, isIn: true }
    if (this.#last === null) this.#first = node
    else this.#last.after = node
    this.#last = node
    this.#size += 1
    return node
  }

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

  find (isWanted: (item: T) => boolean): T | undefined {
    let node = this.#first
    while (node !== null && !isWanted(node.item)) node = node.after
    return node?.item
  }

  /** The oldest first. */
  toArray (): T[] {
    const items: T[] = []
    for (let node = this.#first; node !== null; node = node.after) items.push(node.item)
    return items
  }
}
