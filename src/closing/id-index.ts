/**
 * Finds a record's index by its id in eight bytes a record: a hash and an index. Equal hashes are candidates only;
 * `isAt` decides, by reading the record.
 */
export class IdIndex {
  readonly #slots: Uint32Array
  readonly #capacity: number
  readonly #isAt: (index: number, id: string) => Promise<boolean>

  constructor (count: number, isAt: (index: number, id: string) => Promise<boolean>) {
    this.#capacity = Math.max(16, Math.ceil(count * 1.4))
    this.#slots = new Uint32Array(this.#capacity * 2)
    this.#isAt = isAt
  }

  /** Enters an id; gives the index it was entered with before, or null when it is new. */
  async add (id: string, index: number): Promise<number | null> {
    const { slot, found } = await this.#locate(id)
    if (found !== null) return found
    this.#slots[slot * 2] = hash(id)
    this.#slots[slot * 2 + 1] = index + 1
    return null
  }

  async find (id: string): Promise<number | null> {
    return (await this.#locate(id)).found
  }

  async #locate (id: string): Promise<{ slot: number, found: number | null }> {
    const wanted = hash(id)
    for (let slot = wanted % this.#capacity; ; slot = (slot + 1) % this.#capacity) {
      const index = (this.#slots[slot * 2 + 1] ?? 0) - 1
      if (index === -1) return { slot, found: null }
      if (this.#slots[slot * 2] === wanted && await this.#isAt(index, id)) return { slot, found: index }
    }
  }
}

/** FNV-1a with a final mix: ids differ in few digits, and their slots must not. */
function hash (id: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < id.length; i++) value = Math.imul(value ^ id.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}
