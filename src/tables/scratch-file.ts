import { readSync, writeSync } from 'node:fs'
import { overLimit } from './table.ts'

const SCRATCH_MAX = 1024 ** 3

/**
 * A temporary file of a task, written and read with blocking calls: it is for worker threads. It has a limit of its
 * own, 1 GiB by default, because what a task writes may be far larger than the body that the caller sent.
 */
export class ScratchFile {
  readonly #fd: number
  readonly #maxBytes: number
  #bytes = 0

  constructor (fd: number, maxBytes = SCRATCH_MAX) {
    this.#fd = fd
    this.#maxBytes = maxBytes
  }

  /**
   * Writes the bytes after those of the last `append`; those of the first `append` to the start of the file. Throws
   * 413, and writes nothing, when the file would have more than `maxBytes`.
   */
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

  /** Gives `length` bytes from `position` on. Throws Error when the file ends before. */
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
