/** The largest share of the slots that may be in use. In a fuller table look-ups take more steps. */
const MAX_LOAD = 0.8

/**
 * Finds the index of a record by its id, with five bytes of memory for each expected record. A slot of four bytes has
 * the index and, in the bits that are left, a part of the hash of the id. When that part is the same, the id of the
 * record is read and compared.
 */
export class IdIndex {
  #slots: Uint32Array
  #capacity: number
  #indexBits: number
  #used = 0
  readonly #idAt: (index: number) => Promise<string>
  /** The random start of the hash: so a caller cannot choose ids that all fall on one slot. */
  readonly #seed = Math.floor(Math.random() * 0x100000000)

  /** `expected` ids are to come. For more, or for larger indexes, the table may grow and read its ids again. */
  constructor (expected: number, idAt: (index: number) => Promise<string>) {
    this.#capacity = Math.max(16, Math.ceil(expected / MAX_LOAD) + 1)
    this.#slots = new Uint32Array(this.#capacity)
    this.#indexBits = Math.ceil(Math.log2(this.#capacity + 1))
    this.#idAt = idAt
  }

  /**
   * Enters a new id, and gives null. For an id that was entered before, gives its index, and changes nothing. When it
   * gives a promise, the calling function must call no other method until the promise has resolved.
   */
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

  /** Gives the index whose id a look-up of `id` would read first; null if `id` is certainly new. Reads nothing. */
  likely (id: string): number | null {
    const hashed = hash(id, this.#seed)
    const entry = this.#slots[this.#candidate(hashed, hashed % this.#capacity)] ?? 0
    return entry === 0 ? null : this.#indexIn(entry)
  }

  async find (id: string): Promise<number | null> {
    const hashed = hash(id, this.#seed)
    return await this.#search(id, hashed, this.#candidate(hashed, hashed % this.#capacity))
  }

  /** Gives the first slot, from the slot `from` on, that is free or has the same part of the hash. */
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

  /** Fills a slot: the part of the hash in the upper bits, the index plus 1 in the lower ones. An empty slot is 0. */
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

/** FNV-1a with a final mix, because ids differ in few digits and must be spread over all slots. */
function hash (id: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed
  for (let i = 0; i < id.length; i++) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
