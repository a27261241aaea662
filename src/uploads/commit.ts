export interface CommitParts {
  /** All bytes of the body but the last ones. Throws unless all of them arrive without a fault. */
  before: AsyncIterable<Buffer>
  /** Gives the last bytes of the body, at least one. Called when `before` has ended. */
  last: () => Buffer
  length: number
  /** Closes the temporary file that `before` reads. Undefined when there is no such file. */
  close?: () => Promise<void>
}

/**
 * The commit point of an upload. Connect acts on a body only when Connect has all of it. So this class keeps the last
 * bytes back until all bytes before them have arrived without a fault, the length is right and `beforeLastBytes` has
 * resolved. On any fault before the commit point the stream fails, and Connect never gets the whole body.
 */
export class Commit {
  /** The body for Connect, to be read once. A fault before the commit point makes it throw. */
  readonly stream: AsyncGenerator<Buffer, void, void>
  #isReached = false
  #failure: Error | null = null

  constructor (parts: CommitParts, beforeLastBytes: () => Promise<void>) {
    this.stream = this.#read(parts, beforeLastBytes)
  }

  /** True when the last bytes may leave or have left. Then Connect may act on the upload. */
  get isReached (): boolean { return this.#isReached }

  /** What ended the stream before the commit point: a fault of the body, or the error of `beforeLastBytes`. */
  get failure (): Error | null { return this.#failure }

  async * #read ({ before, last, length }: CommitParts, beforeLastBytes: () => Promise<void>) {
    const pieces = before[Symbol.asyncIterator]()
    let sent = 0
    for (;;) {
      const { done, value } = await this.#noteFailure(pieces.next())
      if (done === true) break
      sent += value.length
      if (sent >= length) throw this.#wrongLength()
      // This `yield` stands in no `try`: the reader of the stream may throw an error here, which is no failure of the
      // body.
      yield value
    }
    const end = last()
    if (end.length === 0 || sent + end.length !== length) throw this.#wrongLength()
    await this.#noteFailure(beforeLastBytes())
    this.#isReached = true
    yield end
  }

  async #noteFailure<Value> (work: Promise<Value>): Promise<Value> {
    try {
      return await work
    } catch (error) {
      this.#failure = error as Error
      throw error
    }
  }

  #wrongLength (): Error {
    this.#failure = new Error('an upload does not have the length that was announced to Connect')
    return this.#failure
  }
}
