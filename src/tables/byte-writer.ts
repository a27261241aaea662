const START_BYTES = 128 * 1024
/** The most bytes in UTF-8 for one unit of a string's `length`. A character of two units has four bytes. */
const BYTES_PER_CHAR = 3

/** Collects texts as UTF-8. For many short texts it takes a third of the CPU of `Buffer.from` on the joined text. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(START_BYTES)
  #length = 0

  get length (): number {
    return this.#length
  }

  write (text: string): void {
    const start = this.#length
    if (this.#bytes.length - start < text.length * BYTES_PER_CHAR) this.#grow(text.length * BYTES_PER_CHAR)
    const bytes = this.#bytes
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      if (code > 0x7f) {
        this.#length = start + bytes.write(text, start)
        return
      }
      bytes[start + at] = code
    }
    this.#length = start + text.length
  }

  /** Gives the bytes that were written since the last `take`, in a buffer of their own. */
  take (): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#length))
    this.#length = 0
    return taken
  }

  #grow (more: number): void {
    const larger = Buffer.allocUnsafe(2 * this.#bytes.length + more)
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}
