import { freeBuffers } from '../limits/garbage.ts'
import type { SpooledFile } from './spool.ts'

const READ_BYTES = 64 * 1024

/** A temporary file that is read while a worker thread still writes it. The thread does not wait for the reader. */
export class GrowingFile {
  readonly #file: SpooledFile
  #size = 0
  #isComplete = false
  #error: Error | null = null
  #wake: (() => void) | null = null

  constructor (file: SpooledFile) {
    this.#file = file
  }

  grewTo (size: number): void {
    this.#size = Math.max(this.#size, size)
    this.#wake?.()
  }

  end (size: number): void {
    this.#isComplete = true
    this.grewTo(size)
  }

  /** The reader gets the bytes that `grewTo` told of, then this error. */
  fail (error: Error): void {
    this.#error = error
    this.#wake?.()
  }

  /** Yields the whole file, and waits for bytes not written yet. For one reader. Throws the error of `fail`. */
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
