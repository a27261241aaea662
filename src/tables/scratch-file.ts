import { readSync, writeSync } from 'node:fs'
import { overLimit } from './table.ts'

const SCRATCH_MAX = 1024 ** 3

/**
 * A temporary file that a task writes for a later step. The problems of rows, and the rows with the names of their
 * columns, may be far larger than the body with the rows. Works with blocking calls: it is for worker threads.
 */
export class ScratchFile {
  readonly #fd: number
  readonly #maxBytes: number
  #bytes = 0

  constructor (fd: number, maxBytes = SCRATCH_MAX) {
    this.#fd = fd
    this.#maxBytes = maxBytes
  }

  /** Writes to the end of the file. Throws 413 when the file would become too large. */
  append (bytes: Buffer): void {
    if (this.#bytes + bytes.length > this.#maxBytes) {
      throw overLimit(`The rows take more than ${this.#maxBytes} bytes of temporary disk.`)
    }
    for (let at = 0; at < bytes.length;) {
      const written = writeSync(this.#fd, bytes, at, bytes.length - at, this.#bytes)
      at += written
      this.#bytes += written
    }
  }

  /** Gives `length` bytes from `position` on. Throws when the file ends earlier. */
  readAt (position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    for (let at = 0; at < length;) {
      const read = readSync(this.#fd, bytes, at, length - at, position + at)
      if (read === 0) throw new Error('a temporary file has fewer bytes than were written')
      at += read
    }
    return bytes
  }
}
