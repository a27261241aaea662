import { freeBuffers } from '../limits/garbage.ts'
import type { SpooledFile } from './spool.ts'

const READ_BYTES = 64 * 1024

/**
 * A temporary file that is read while a worker thread still writes it. The thread tells how many bytes it has written,
 * and never waits for the reader.
 */
export class GrowingFile {
  readonly #file: SpooledFile
  #size = 0
  #isComplete = false
  #error: Error | null = null
  #wake: (() => void) | null = null

  constructor (file: SpooledFile) {
    this.#file = file
  }

  /** To be called when the file has at least `size` bytes. */
  grewTo (size: number): void {
    this.#size = Math.max(this.#size, size)
    this.#wake?.()
  }

  /** To be called when the file is complete, with `size` bytes. */
  end (size: number): void {
    this.#isComplete = true
    this.grewTo(size)
  }

  /**
   * To be called when the file will not be completed. The reader gets the bytes that `grewTo` told of, then the error.
   */
  fail (error: Error): void {
    this.#error = error
    this.#wake?.()
  }

  /**
   * Yields the whole file from its start, and waits for bytes that are not written yet. For one reader. Throws the
   * error of `fail`, Error when the file has fewer bytes than were told, and the errors of the file system.
   */
  async * read (): AsyncGenerator<Buffer, void, void> {
    for (let position = 0; ;) {
      while (position < this.#size) {
        const piece = await this.#file.readAt(position, Math.min(READ_BYTES, this.#size - position))
        if (piece.length === 0) throw new Error('a temporary file has fewer bytes than were written')
        position += piece.length
        yield piece
        freeBuffers(piece.length)
      }
      if (this.#error !== null) throw this.#error
      if (this.#isComplete) return
      await new Promise<void>(resolve => { this.#wake = resolve })
      this.#wake = null
    }
  }
}
