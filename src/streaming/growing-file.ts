import type { SpooledFile } from './spool.ts'

const READ_BYTES = 64 * 1024

/** Reads a temporary file while somebody else still writes it. The writer never waits for the reader. */
export class GrowingFile {
  readonly #file: SpooledFile
  #size = 0
  #isComplete = false
  #error: Error | null = null
  #wake: (() => void) | null = null

  constructor (file: SpooledFile) {
    this.#file = file
  }

  /** The file has this many bytes now. */
  grewTo (size: number): void {
    this.#size = Math.max(this.#size, size)
    this.#wake?.()
  }

  /** The file is complete with this many bytes. */
  end (size: number): void {
    this.#isComplete = true
    this.grewTo(size)
  }

  /** The file will never be complete. The reader gets the bytes that are there, then the error. */
  fail (error: Error): void {
    this.#error = error
    this.#wake?.()
  }

  async * read (): AsyncGenerator<Buffer, void, void> {
    for (let position = 0; ;) {
      while (position < this.#size) {
        const piece = await this.#file.readAt(position, Math.min(READ_BYTES, this.#size - position))
        if (piece.length === 0) throw new Error('a temporary file has fewer bytes than were written')
        position += piece.length
        yield piece
      }
      if (this.#error !== null) throw this.#error
      if (this.#isComplete) return
      await new Promise<void>(resolve => { this.#wake = resolve })
      this.#wake = null
    }
  }
}
