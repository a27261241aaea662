import { hash, randomBytes } from 'node:crypto'

/** The largest share of slots in use. In a fuller table a look-up takes more steps. */
const MAX_LOAD = 0.75
/** The 32-bit words of a slot: three of the id's hash, and the id's number (0 in a free slot). */
const WORDS = 4

/**
 * Remembers ids, each with a number that is not 0. Keeps 96 bits of a hash in place of each id: two of a million ids
 * have the same 96 bits with a probability of 10^-17.
 */
export class SeenIds {
  #capacity = 1024
  #slots = new Uint32Array(this.#capacity * WORDS)
  #used = 0
  /** Random bytes that are hashed before each id. So a caller cannot choose ids that fall on the same slot. */
  readonly #seed = randomBytes(8).toString('hex')

  find (id: string): number | null {
    const known = this.#slots[this.#find(...this.#wordsOf(id)) + 3] ?? 0
    return known === 0 ? null : known
  }

  /** Gives null for a new id. For an id that was entered before, gives its number and changes nothing. */
  add (id: string, number: number): number | null {
    const words = this.#wordsOf(id)
    const at = this.#find(...words)
    const known = this.#slots[at + 3] ?? 0
    if (known !== 0) return known
    this.#slots.set([...words, number], at)
    this.#used += 1
    if (this.#used > this.#capacity * MAX_LOAD) this.#grow()
    return null
  }

  #wordsOf (id: string): readonly [number, number, number] {
    const digest = hash('sha1', this.#seed + id, 'buffer')
    return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)]
  }

  #find (first: number, second: number, third: number): number {
    for (let slot = first % this.#capacity; ; slot = (slot + 1) % this.#capacity) {
      const at = slot * WORDS
      if (this.#slots[at + 3] === 0) return at
      if (this.#slots[at] === first && this.#slots[at + 1] === second && this.#slots[at + 2] === third) return at
    }
  }

  #grow (): void {
    const old = this.#slots
    this.#capacity *= 2
    this.#slots = new Uint32Array(this.#capacity * WORDS)
    for (let at = 0; at < old.length; at += WORDS) {
      if (old[at + 3] === 0) continue
      const entry = old.subarray(at, at + WORDS)
      this.#slots.set(entry, this.#find(entry[0]!, entry[1]!, entry[2]!))
    }
  }
}
