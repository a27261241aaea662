import { SeenIds } from '../limits/seen-ids.ts'
import { ScratchFile } from './scratch-file.ts'
import type { TableRow } from './table.ts'

/** Holds rows in a temporary file, with some 40 bytes of memory for each. Makes blocking calls. */
export class RowStore {
  readonly #file: ScratchFile
  readonly #ids = new SeenIds()
  /** For each row, the byte of the file at which it begins. After the last row: the byte at which that row ends. */
  #starts = new Float64Array(1024)
  #used = new Uint8Array(1024)
  #count = 0
  #unwritten: Buffer[] = []

  constructor (file: ScratchFile) {
    this.#file = file
  }

  /** Gives null for a new id. For a known id, gives the number of its first row; the new row is not given later. */
  add (recordId: string, row: TableRow): number | null {
    const index = this.#count
    const bytes = Buffer.from(JSON.stringify(row))
    if (index + 2 > this.#starts.length) this.#grow()
    this.#starts[index + 1] = this.#starts[index]! + bytes.length
    this.#unwritten.push(bytes)
    this.#count += 1
    const earlier = this.#ids.add(recordId, index + 1)
    if (earlier === null) return null
    this.#used[index] = 1
    this.flush()
    return this.#read(earlier - 1).number
  }

  /** Writes the added rows to the file. Throws 413 when the file would be too large. */
  flush (): void {
    this.#file.append(Buffer.concat(this.#unwritten))
    this.#unwritten = []
  }

  /** Gives the first row with this id, and whether `take` gave it before. `flush` must have written the row. */
  take (recordId: string): { row: TableRow, usedBefore: boolean } | null {
    const number = this.#ids.find(recordId)
    if (number === null) return null
    const usedBefore = this.#used[number - 1] === 1
    this.#used[number - 1] = 1
    return { row: this.#read(number - 1), usedBefore }
  }

  /** Gives the first row of each id for which `take` was not called. `flush` must have written the rows. */
  * unused (): Generator<TableRow, void, void> {
    for (let index = 0; index < this.#count; index += 1) {
      if (this.#used[index] === 0) yield this.#read(index)
    }
  }

  #read (index: number): TableRow {
    const start = this.#starts[index]!
    const bytes = this.#file.readAt(start, this.#starts[index + 1]! - start)
    return JSON.parse(bytes.toString()) as TableRow
  }

  #grow (): void {
    const [starts, used] = [new Float64Array(this.#starts.length * 2), new Uint8Array(this.#used.length * 2)]
    starts.set(this.#starts)
    used.set(this.#used)
    this.#starts = starts
    this.#used = used
  }
}
