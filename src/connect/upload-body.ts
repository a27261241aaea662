import { Readable } from 'node:stream'
import type { UploadBody } from './api.ts'

/**
 * The body of one upload: passes a source of exactly `length` bytes on to undici and counts them. When the source fails
 * or has another length, Connect gets a body that is cut short, and does nothing. A fault after the last byte comes too
 * late for that, so a source holds its last bytes back until the commit point (src/uploads/commit.ts).
 */
export class MeasuredBody {
  readonly stream: Readable
  /** The number of bytes that undici has taken. */
  bytes = 0
  /** undici has taken all bytes. Connect may have them, although they may also wait for the socket. */
  isComplete = false
  failure: { readonly reason: 'source-failed' | 'length-mismatch', readonly cause?: unknown } | null = null
  readonly #source: AsyncIterable<Uint8Array>
  readonly #iterator: AsyncIterator<unknown>
  readonly #length: number
  readonly #silence: NodeJS.Timeout
  #pulled = 0
  #isDisposed = false
  #isSourceAwaited = true
  #listener: (trouble: 'failed' | 'silent') => void = () => {}

  /** `silenceMs`: how long Connect may neither read on nor answer. A wait for the source does not count. */
  constructor ({ stream: source, length }: UploadBody, silenceMs: number) {
    this.#source = source
    this.#length = length
    this.#iterator = source[Symbol.asyncIterator]()
    // Between two pulls an error has no other listener and would end the process; the next pull reports it.
    if (source instanceof Readable) source.on('error', () => {})
    this.#silence = setTimeout(() => { if (!this.#isSourceAwaited) this.#listener('silent') }, silenceMs)
    this.stream = new Readable({ read: () => { this.#pull() } })
    this.stream.on('error', () => {})
    // Paused, because a listener would set the stream in motion; undici resumes it.
    this.stream.pause().on('data', ({ byteLength }: Uint8Array) => {
      this.bytes += byteLength
      this.isComplete = this.bytes === length
    })
  }

  /**
   * Sets the listener. It gets `failed` when the source fails or has another length, and `silent` when Connect neither
   * reads on nor answers for too long.
   */
  onTrouble (listener: (trouble: 'failed' | 'silent') => void): void {
    this.#listener = listener
  }

  /** Ends the stream, its source and the timer. Idempotent. */
  dispose (): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    clearTimeout(this.#silence)
    this.stream.destroy()
    if (this.#source instanceof Readable) this.#source.destroy()
    // Not awaited: a generator that waits for something of its own returns when it has got that.
    else this.#iterator.return?.().catch(() => {})
  }

  #pull (): void {
    this.#isSourceAwaited = this.#pulled < this.#length
    this.#iterator.next().then(
      result => { this.#take(result) },
      (error: unknown) => { this.#fail('source-failed', error) }
    )
  }

  #take ({ done, value }: IteratorResult<unknown>): void {
    if (this.#isDisposed || this.stream.destroyed) return
    if (done === true) {
      if (this.#pulled !== this.#length) this.#fail('length-mismatch')
      else this.stream.push(null)
      return
    }
    if (!(value instanceof Uint8Array)) {
      return this.#fail('source-failed', new TypeError('the source must yield bytes'))
    }
    if (value.byteLength === 0) return this.#pull()
    this.#pulled += value.byteLength
    if (this.#pulled > this.#length) return this.#fail('length-mismatch')
    this.#isSourceAwaited = false
    this.#silence.refresh()
    this.stream.push(value)
  }

  #fail (reason: 'source-failed' | 'length-mismatch', cause?: unknown): void {
    if (this.failure !== null || this.#isDisposed) return
    // Connect may have all bytes already. Then only the connection ends, and the outcome is unknown.
    if (!this.isComplete) {
      this.failure = cause === undefined ? { reason } : { reason, cause }
      this.#listener('failed')
    }
    this.stream.destroy()
  }
}
