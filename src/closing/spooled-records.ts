import type { SpooledFile } from '../streaming/spool.ts'

/** A record of a bulk close. A billing field is null when the default of the request applies. */
export interface RecordToClose {
  id: string
  externalBillingId: string | null
  externalBillingNote: string | null
}

/** The number of records in a stretch. Memory has the position of each stretch; a look-up reads one whole stretch. */
const STRIDE = 64
/**
 * About how many bytes one call to the file system writes, or reads in order. Each call leaves garbage that only a full
 * garbage collection frees, so one call is for many records.
 */
const BLOCK_BYTES = 256 * 1024

/** A list of records on disk, of any length. Records are appended, and read in order or by index. */
export class SpooledRecords {
  readonly #file: SpooledFile
  /** The position in the file at which each stretch begins. `#end` is the position after the last stretch. */
  readonly #offsets: number[] = []
  #end = 0
  #stretch = ''
  #block: Buffer = Buffer.alloc(0)
  #blockBytes = 0
  #count = 0
  /** The stretches that were read for look-ups, by number. `#heldCount` is the number of records at that time. */
  #held = new Map<number, string>()
  #heldCount = 0

  constructor (file: SpooledFile) {
    this.#file = file
  }

  get count (): number {
    return this.#count
  }

  /** Whether the block is full. Then the code that appends must call `flush`, or memory grows without limit. */
  get isFull (): boolean {
    return this.#blockBytes >= BLOCK_BYTES
  }

  append ({ id, externalBillingId, externalBillingNote }: RecordToClose): void {
    this.#stretch += `${JSON.stringify([id, externalBillingId, externalBillingNote])}\n`
    this.#count += 1
    if (this.#count % STRIDE === 0) this.#endStretch()
  }

  /** Writes the appended records that are still in memory to the file. No record may be appended meanwhile. */
  async flush (): Promise<void> {
    this.#endStretch()
    if (this.#blockBytes === 0) return
    const block = this.#block.subarray(0, this.#blockBytes)
    this.#blockBytes = 0
    await this.#file.write(block)
  }

  /** Gives the records from an index on, in order, as one iterable for each stretch. */
  async * read (from = 0): AsyncGenerator<Iterable<RecordToClose>, void, void> {
    await this.flush()
    const count = this.#count
    const endOf = (stretch: number): number => this.#offsets[stretch + 1] ?? this.#end
    for (let stretch = stretchOf(from); stretch * STRIDE < count;) {
      const start = this.#offsets[stretch] ?? 0
      let last = stretch
      while (last + 1 < this.#offsets.length && endOf(last + 1) - start <= BLOCK_BYTES) last += 1
      const block = await this.#file.readAt(start, endOf(last) - start)
      for (; stretch <= last; stretch++) {
        const text = block.toString('utf8', (this.#offsets[stretch] ?? 0) - start, endOf(stretch) - start)
        yield parseLines(text, Math.max(0, from - stretch * STRIDE))
      }
    }
  }

  /** Holds the stretches of these indexes in memory, for look-ups, and no longer those of earlier look-ups. */
  async prepare (indexes: readonly number[]): Promise<void> {
    const wanted = new Set(indexes.map(stretchOf))
    const kept = this.#heldCount === this.#count ? this.#held : new Map<number, string>()
    this.#heldCount = this.#count
    await this.flush()
    this.#held = new Map(
      await Promise.all(
        [...wanted].map(async (stretch): Promise<[number, string]> => [
          stretch,
          kept.get(stretch) ?? (await this.#read(stretch))
        ])
      )
    )
  }

  async at (index: number): Promise<RecordToClose> {
    if (index >= this.#count) throw new RangeError(`no record ${index}`)
    const stretch = stretchOf(index)
    if (this.#heldCount !== this.#count || !this.#held.has(stretch)) await this.prepare([index])
    const [record] = parseLines(this.#held.get(stretch) ?? '', index % STRIDE)
    if (record === undefined) throw new RangeError(`no record ${index}`)
    return record
  }

  async #read (stretch: number): Promise<string> {
    const from = this.#offsets[stretch] ?? 0
    const to = this.#offsets[stretch + 1] ?? this.#end
    return (await this.#file.readAt(from, to - from)).toString('utf8')
  }

  #endStretch (): void {
    if (this.#stretch === '') return
    // A stretch that was written before it was full keeps its position, and goes on at the end of the file.
    this.#offsets[stretchOf(this.#count - 1)] ??= this.#end
    const bytes = Buffer.byteLength(this.#stretch)
    this.#end += bytes
    if (this.#blockBytes + bytes > this.#block.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES * 1.25, (this.#blockBytes + bytes) * 2))
      this.#block.copy(larger, 0, 0, this.#blockBytes)
      this.#block = larger
    }
    this.#block.write(this.#stretch, this.#blockBytes)
    this.#blockBytes += bytes
    this.#stretch = ''
  }
}

function stretchOf (index: number): number {
  return Math.floor(index / STRIDE)
}

function * parseLines (text: string, skip: number): Generator<RecordToClose, void, void> {
  let left = skip
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    if (left > 0) {
      left -= 1
    } else {
      const [id, externalBillingId, externalBillingNote] = JSON.parse(text.slice(at, end)) as [
        string,
        string | null,
        string | null
      ]
      yield { id, externalBillingId, externalBillingNote }
    }
    at = end + 1
  }
}
