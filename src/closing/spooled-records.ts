import type { SpooledFile } from '../streaming/spool.ts'

/** A record as it came in, checked. Null where the request's defaults apply. */
export interface RecordToClose {
  id: string
  externalBillingId: string | null
  externalBillingNote: string | null
}

const FLUSH_BYTES = 256 * 1024
/** One offset is kept for so many records: a look-up reads this stretch. */
const STRIDE = 64

/**
 * A list of records on disk, of any length: appended to, then read from the front or at an index. In memory there is
 * one number for 64 records and one block that waits to be written.
 */
export class SpooledRecords {
  readonly #file: SpooledFile
  #offsets: number[] = []
  #block: string[] = []
  #blockBytes = 0
  #bytes = 0
  #count = 0
  #recent: { stretch: number, records: RecordToClose[] } | null = null

  constructor (file: SpooledFile) {
    this.#file = file
  }

  get count (): number {
    return this.#count
  }

  /** Appends; resolves when memory is bounded again. */
  async append (record: RecordToClose): Promise<void> {
    if (this.#count % STRIDE === 0) this.#offsets.push(this.#bytes)
    const line = `${JSON.stringify([record.id, record.externalBillingId, record.externalBillingNote])}\n`
    const bytes = Buffer.byteLength(line)
    this.#block.push(line)
    this.#blockBytes += bytes
    this.#bytes += bytes
    this.#count += 1
    if (this.#blockBytes >= FLUSH_BYTES) await this.flush()
  }

  /** To be called once, after the last append. */
  async flush (): Promise<void> {
    if (this.#block.length === 0) return
    const block = Buffer.from(this.#block.join(''))
    this.#block = []
    this.#blockBytes = 0
    await this.#file.write(block)
  }

  /** All records in order, a block at a time. */
  async * read (): AsyncGenerator<RecordToClose[], void, void> {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of this.#file.read()) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (lines.length > 0) yield lines.map(parseLine)
    }
  }

  /** The record at an index that is smaller than the count. */
  async at (index: number): Promise<RecordToClose> {
    const stretch = Math.floor(index / STRIDE)
    if (this.#recent?.stretch !== stretch) {
      const from = this.#offsets[stretch] ?? 0
      const to = this.#offsets[stretch + 1] ?? this.#bytes
      const text = (await this.#file.readAt(from, to - from)).toString('utf8')
      this.#recent = { stretch, records: text.split('\n').slice(0, -1).map(parseLine) }
    }
    const record = this.#recent.records[index % STRIDE]
    if (record === undefined) throw new RangeError(`no record ${index}`)
    return record
  }
}

function parseLine (line: string): RecordToClose {
  const [id, externalBillingId, externalBillingNote] = JSON.parse(line) as [string, string | null, string | null]
  return { id, externalBillingId, externalBillingNote }
}
