import { readSync, writeSync } from 'node:fs'
import { overLimit } from './table.ts'

const SCRATCH_MAX = 1024 ** 3

/** A temporary file, used with blocking calls. It has a limit: a task may write far more than the caller sent. */
export class ScratchFile {
  readonly #fd: number
  readonly #maxBytes: number
  #bytes = 0

  constructor (fd: number, maxBytes = SCRATCH_MAX) {
    this.#fd = fd
    this.#maxBytes = maxBytes
  }

  /** Throws 413, and writes nothing, when the file would have more than `maxBytes`. */
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

  readAt (position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    readInto(bytes, this.#fd, position, length)
    return bytes
  }
}

/**
 * Fills the first `length` bytes of a buffer from a file, from `position` on. One call of `readSync` may give fewer
 * bytes than it was asked for, so this function repeats it. Throws Error when the file ends before that.
 */
export function readInto (bytes: Buffer, fd: number, position: number, length: number): void {
  for (let at = 0; at < length;) {
    const read = readSync(fd, bytes, at, length - at, position + at)
    if (read === 0) throw new Error('a temporary file has fewer bytes than were written')
    at += read
  }
}
