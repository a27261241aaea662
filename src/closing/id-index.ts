/** A fuller table makes every look-up walk further. */
const MAX_LOAD = 0.8

/**
 * Finds a record's index by its id in ten bytes a record or so: a hash and an index. Equal hashes are candidates only;
 * `isAt` decides, by reading the record. What needs no reading is answered at once, without a promise.
 */
export class IdIndex {
  #slots: Uint32Array
  #capacity: number
  #used = 0
  readonly #isAt: (index: number, id: string) => Promise<boolean>
  /** Differs between tables, so that nobody can prepare ids that all fall on one slot. */
  readonly #seed = Math.floor(Math.random() * 0x100000000)

  /** Takes how many ids to expect; more of them make it grow. */
  constructor (expected: number, isAt: (index: number, id: string) => Promise<boolean>) {
    this.#capacity = Math.max(16, Math.ceil(expected / MAX_LOAD) + 1)
    this.#slots = new Uint32Array(this.#capacity * 2)
    this.#isAt = isAt
  }

  /** Enters an id; gives the index it was entered with before, or null when it is new. */
  add (id: string, index: number): null | Promise<number | null> {
    const wanted = hash(id, this.#seed)
    const slot = this.#candidate(wanted, wanted % this.#capacity)
    if (this.#slots[slot * 2 + 1] === 0) {
      this.#enter(wanted, index + 1, slot)
      return null
    }
    return this.#search(id, wanted, slot).then((found) => {
      if (found === null) this.#enter(wanted, index + 1, this.#free(wanted))
      return found
    })
  }

  async find (id: string): Promise<number | null> {
    const wanted = hash(id, this.#seed)
    return await this.#search(id, wanted, this.#candidate(wanted, wanted % this.#capacity))
  }

  /** From this slot on: the first that is free or has the same hash. */
  #candidate (wanted: number, from: number): number {
    const slots = this.#slots
    let slot = from
    while (slots[slot * 2 + 1] !== 0 && slots[slot * 2] !== wanted) slot = slot + 1 === this.#capacity ? 0 : slot + 1
    return slot
  }

  async #search (id: string, wanted: number, from: number): Promise<number | null> {
    for (let slot = from; ; slot = this.#candidate(wanted, (slot + 1) % this.#capacity)) {
      const index = (this.#slots[slot * 2 + 1] ?? 0) - 1
      if (index === -1) return null
      if (await this.#isAt(index, id)) return index
    }
  }

  #free (wanted: number): number {
    let slot = wanted % this.#capacity
    while (this.#slots[slot * 2 + 1] !== 0) slot = slot + 1 === this.#capacity ? 0 : slot + 1
    return slot
  }

  #enter (hashed: number, entry: number, slot: number): void {
    this.#slots[slot * 2] = hashed
    this.#slots[slot * 2 + 1] = entry
    this.#used += 1
    if (this.#used <= this.#capacity * MAX_LOAD) return
    const old = this.#slots
    this.#capacity *= 2
    this.#slots = new Uint32Array(this.#capacity * 2)
    for (let at = 0; at < old.length; at += 2) {
      const moved = old[at] ?? 0
      if (old[at + 1] === 0) continue
      const to = this.#free(moved)
      this.#slots[to * 2] = moved
      this.#slots[to * 2 + 1] = old[at + 1] ?? 0
    }
  }
}

/** FNV-1a with a final mix: ids differ in few digits, and their slots must not. */
function hash (id: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed
  for (let i = 0; i < id.length; i++) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
