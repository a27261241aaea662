/** A fuller table makes every look-up walk further. */
const MAX_LOAD = 0.8

/**
 * Finds a record's index by its id in five bytes a record: the index, and what room is left in four bytes for bits of
 * the id's hash. Where these agree is a candidate only; reading the record's id decides. What needs no reading is
 * answered at once, without a promise.
 */
export class IdIndex {
  #slots: Uint32Array
  #capacity: number
  #indexBits: number
  #used = 0
  readonly #idAt: (index: number) => Promise<string>
  /** Differs between tables, so that nobody can prepare ids that all fall on one slot. */
  readonly #seed = Math.floor(Math.random() * 0x100000000)

  /** Takes how many ids to expect, each index smaller than that; more make it grow, at the price of reading all ids. */
  constructor (expected: number, idAt: (index: number) => Promise<string>) {
    this.#capacity = Math.max(16, Math.ceil(expected / MAX_LOAD) + 1)
    this.#slots = new Uint32Array(this.#capacity)
    this.#indexBits = Math.ceil(Math.log2(this.#capacity + 1))
    this.#idAt = idAt
  }

  /** Enters an id; gives the index it was entered with before, or null when it is new. */
  add (id: string, index: number): null | Promise<number | null> {
    if (this.#used + 1 > this.#capacity * MAX_LOAD || index >= this.#capacity) {
      return this.#grow(index).then(async () => await this.add(id, index))
    }
    const hashed = hash(id, this.#seed)
    const slot = this.#candidate(hashed, hashed % this.#capacity)
    if (this.#slots[slot] === 0) {
      this.#enter(hashed, index, slot)
      return null
    }
    return this.#search(id, hashed, slot).then((found) => {
      if (found === null) this.#enter(hashed, index, this.#free(hashed))
      return found
    })
  }

  /** The index where an id would be looked for first; null when it is surely new. Reads nothing. */
  likely (id: string): number | null {
    const hashed = hash(id, this.#seed)
    const entry = this.#slots[this.#candidate(hashed, hashed % this.#capacity)] ?? 0
    return entry === 0 ? null : this.#indexIn(entry)
  }

  async find (id: string): Promise<number | null> {
    const hashed = hash(id, this.#seed)
    return await this.#search(id, hashed, this.#candidate(hashed, hashed % this.#capacity))
  }

  /** From this slot on: the first that is free or has the same bits of the hash. */
  #candidate (hashed: number, from: number): number {
    const tag = hashed >>> this.#indexBits
    let slot = from
    for (
      let entry = this.#slots[slot] ?? 0;
      entry !== 0 && entry >>> this.#indexBits !== tag;
      entry = this.#slots[slot] ?? 0
    ) { slot = this.#after(slot) }
    return slot
  }

  async #search (id: string, hashed: number, from: number): Promise<number | null> {
    for (let slot = from; ; slot = this.#candidate(hashed, this.#after(slot))) {
      const entry = this.#slots[slot] ?? 0
      if (entry === 0) return null
      const index = this.#indexIn(entry)
      if (await this.#idAt(index) === id) return index
    }
  }

  #free (hashed: number): number {
    let slot = hashed % this.#capacity
    while (this.#slots[slot] !== 0) slot = this.#after(slot)
    return slot
  }

  #after (slot: number): number {
    return slot + 1 === this.#capacity ? 0 : slot + 1
  }

  #indexIn (entry: number): number {
    return entry % 2 ** this.#indexBits - 1
  }

  /** The bits of the hash above, the index from 1 below. */
  #enter (hashed: number, index: number, slot: number): void {
    this.#slots[slot] = (hashed >>> this.#indexBits) * 2 ** this.#indexBits + index + 1
    this.#used += 1
  }

  async #grow (index: number): Promise<void> {
    const indexes = this.#slots.filter(entry => entry !== 0).map(entry => this.#indexIn(entry)).sort()
    this.#capacity = Math.max(this.#capacity * 2, index + 1)
    this.#slots = new Uint32Array(this.#capacity)
    this.#indexBits = Math.ceil(Math.log2(this.#capacity + 1))
    this.#used = 0
    for (const known of indexes) {
      const hashed = hash(await this.#idAt(known), this.#seed)
      this.#enter(hashed, known, this.#free(hashed))
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
