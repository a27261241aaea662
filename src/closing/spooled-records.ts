import type { SpooledFile } from '../streaming/spool.ts'

/** A record as it came in, checked. Null where the request's defaults apply. */
export interface RecordToClose {
  id: string
  externalBillingId: string | null
  externalBillingNote: string | null
}

/** One offset is kept for so many records: a look-up reads this stretch. */
const STRIDE = 64
/** Small, so that what is held between two reads dies young: V8 moves large strings to where they stay until the next full collection. */
const BLOCK_BYTES = 16 * 1024

/**
 * A list of records on disk, of any length: appended to, then read from the front or at an index. In memory there is
 * one number for 64 records and one block that waits to be written.
 */
export class SpooledRecords {
  readonly #file: SpooledFile
  /** Where each stretch begins; where the next one will. */
  readonly #offsets: number[] = []
  #end = 0
  #stretch = ''
  #pending: string[] = []
  #pendingBytes = 0
  #count = 0
  #recent: { stretch: number, records: RecordToClose[] } | null = null

  constructor (file: SpooledFile) {
    this.#file = file
  }

  get count (): number {
    return this.#count
  }

  /** Whether enough waits to be written: `flush` keeps memory bounded. */
  get isFull (): boolean {
    return this.#pendingBytes >= BLOCK_BYTES
  }

  append ({ id, externalBillingId, externalBillingNote }: RecordToClose): void {
    this.#stretch += `${JSON.stringify([id, externalBillingId, externalBillingNote])}\n`
    this.#count += 1
    if (this.#count % STRIDE === 0) this.#endStretch()
  }

  /** Writes what waits. */
  async flush (): Promise<void> {
    this.#endStretch()
    if (this.#pending.length === 0) return
    const block = Buffer.from(this.#pending.join(''))
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.write(block)
  }

  /** The records from an index on, in order, a block at a time; each is made when it is asked for. */
  async * read (from = 0): AsyncGenerator<Iterable<RecordToClose>, void, void> {
    await this.flush()
    const count = this.#count
    for (let index = from; index < count;) {
      const first = Math.floor(index / STRIDE)
      const start = this.#offsets[first] ?? 0
      let next = first + 1
      while (next < this.#offsets.length && (this.#offsets[next + 1] ?? this.#end) - start <= BLOCK_BYTES) next += 1
      const end = next < this.#offsets.length ? this.#offsets[next] ?? this.#end : this.#end
      const text = (await this.#file.readAt(start, end - start)).toString('utf8')
      yield parseLines(text, index % STRIDE)
      index = next * STRIDE
    }
  }

  /** The record at an index that is smaller than the count. */
  async at (index: number): Promise<RecordToClose> {
    const stretch = Math.floor(index / STRIDE)
    if (this.#recent?.stretch !== stretch || this.#recent.records.length <= index % STRIDE) {
      await this.flush()
      const from = this.#offsets[stretch] ?? 0
      const to = this.#offsets[stretch + 1] ?? this.#end
      const text = (await this.#file.readAt(from, to - from)).toString('utf8')
      this.#recent = { stretch, records: [...parseLines(text, 0)] }
    }
    const record = this.#recent?.records[index % STRIDE]
    if (record === undefined) throw new RangeError(`no record ${index}`)
    return record
  }

  #endStretch (): void {
    if (this.#stretch === '') return
    // One that was written before it was full goes on where it ends, and begins where it began.
    this.#offsets[Math.floor((this.#count - 1) / STRIDE)] ??= this.#end
    const bytes = Buffer.byteLength(this.#stretch)
    this.#end += bytes
    this.#pendingBytes += bytes
    this.#pending.push(this.#stretch)
    this.#stretch = ''
  }
}

function * parseLines (text: string, skip: number): Generator<RecordToClose, void, void> {
  let left = skip
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    if (left > 0) {
      left -= 1
    } else {
      const [id, externalBillingId, externalBillingNote] = JSON.parse(text.slice(at, end)) as [string, string | null, string | null]
      yield { id, externalBillingId, externalBillingNote }
    }
    at = end + 1
  }
}
