import { randomUUID } from 'node:crypto'
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ByteWriter } from '../byte-writer.ts'
import { readInto } from '../scratch-file.ts'
import { overLimit } from '../table.ts'
import { notAWorkbook } from './open-zip.ts'

const STRINGS_MAX = 8_000_000
const BYTES_MAX = 512 * 1024 ** 2
const WRITE_BYTES = 256 * 1024
const BLOCK_BYTES = 16 * 1024
const BLOCKS_KEPT = 128
/** The most strings that stay in memory after they were read, because most columns repeat a few values. */
const RECENT = 16_384
const RECENT_CHARS_MAX = 256

/**
 * Holds texts that cells name by an index, in a temporary file. A million texts take 4 MB of memory. The texts and
 * parts of the file that were read last are in memory, too. All texts must be added before the first one is read. `add`
 * throws 413 over a limit, and `get` 422 for an index without a text. Makes blocking calls.
 */
export class SharedStrings {
  readonly #fd = openUnnamed()
  #ends = new Uint32Array(1024)
  #count = 0
  #bytes = 0
  readonly #unwritten = new ByteWriter()
  readonly #blocks = new Map<number, Buffer>()
  /** An index of -1 is a free place. */
  readonly #recentIndices = new Int32Array(RECENT).fill(-1)
  readonly #recentTexts = new Array<string>(RECENT).fill('')

  add (text: string): void {
    if (this.#count === STRINGS_MAX) throw overLimit(`The workbook has more than ${STRINGS_MAX} different strings.`)
    const before = this.#unwritten.length
    this.#unwritten.write(text)
    this.#bytes += this.#unwritten.length - before
    if (this.#bytes > BYTES_MAX) throw overLimit(`The strings of the workbook have more than ${BYTES_MAX} bytes.`)
    if (this.#count === this.#ends.length) {
      const larger = new Uint32Array(this.#ends.length * 2)
      larger.set(this.#ends)
      this.#ends = larger
    }
    this.#ends[this.#count] = this.#bytes
    this.#count += 1
    if (this.#unwritten.length >= WRITE_BYTES) this.#flush()
  }

  get (index: number): string {
    const place = index % RECENT
    if (this.#recentIndices[place] === index) return this.#recentTexts[place]!
    if (!(index < this.#count)) throw notAWorkbook('a cell names a string that is missing')
    if (this.#unwritten.length > 0) this.#flush()
    const text = this.#read(index === 0 ? 0 : this.#ends[index - 1]!, this.#ends[index]!)
    if (text.length <= RECENT_CHARS_MAX) {
      this.#recentIndices[place] = index
      this.#recentTexts[place] = text
    }
    return text
  }

  close (): void {
    closeSync(this.#fd)
  }

  #flush (): void {
    const bytes = this.#unwritten.take()
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at)
  }

  #read (start: number, end: number): string {
    const first = Math.floor(start / BLOCK_BYTES)
    const offset = start - first * BLOCK_BYTES
    if (end - first * BLOCK_BYTES <= BLOCK_BYTES) {
      return this.#block(first).toString('utf8', offset, offset + end - start)
    }
    const bytes = Buffer.allocUnsafe(end - start)
    readInto(bytes, this.#fd, start, bytes.length)
    return bytes.toString('utf8')
  }

  #block (number: number): Buffer {
    const kept = this.#blocks.get(number)
    if (kept !== undefined) return kept
    const block = this.#freeBlock()
    const start = number * BLOCK_BYTES
    readInto(block, this.#fd, start, Math.min(BLOCK_BYTES, this.#bytes - start))
    this.#blocks.set(number, block)
    return block
  }

  /** From BLOCKS_KEPT blocks on, gives the oldest buffer again: V8 would free it only in a full collection. */
  #freeBlock (): Buffer {
    const [oldest] = this.#blocks
    if (oldest === undefined || this.#blocks.size < BLOCKS_KEPT) return Buffer.allocUnsafeSlow(BLOCK_BYTES)
    this.#blocks.delete(oldest[0])
    return oldest[1]
  }
}

function openUnnamed (): number {
  const path = join(tmpdir(), `connect-usage-bff-${randomUUID()}`)
  const fd = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return fd
}
