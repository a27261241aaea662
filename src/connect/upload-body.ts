import { Readable } from 'node:stream'
import type { UploadBody } from './api.ts'

/**
 * Passes the bytes of a source on to undici, and checks that there are exactly `length` of them. When the source fails
 * or has another length, Connect gets a body that is cut short, and does nothing. After the last byte it is too late
 * for that, so a source holds its last bytes back until the commit point.
 */
export class MeasuredBody {
  readonly stream: Readable
  bytes = 0
  /** True once undici has taken all bytes. Connect may have them then. */
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

  /** `silenceMs`: how long Connect may neither take more bytes nor answer. Waiting for the source does not count. */
  constructor ({ stream: source, length }: UploadBody, silenceMs: number) {
    this.#source = source
    this.#length = length
    this.#iterator = source[Symbol.asyncIterator]()
    // Without a listener, an error of the source between two pulls would end the process. The next pull reports it.
    if (source instanceof Readable) source.on('error', () => {})
    this.#silence = setTimeout(() => { if (!this.#isSourceAwaited) this.#listener('silent') }, silenceMs)
    this.stream = new Readable({ read: () => { this.#pull() } })
    this.stream.on('error', () => {})
    // The stream is paused, because a `data` listener alone would start it. undici resumes it.
    this.stream.pause().on('data', ({ byteLength }: Uint8Array) => {
      this.bytes += byteLength
      this.isComplete = this.bytes === length
    })
  }

  /** `failed`: the source failed or has another length. `silent`: Connect did nothing for `silenceMs`. */
  onTrouble (listener: (trouble: 'failed' | 'silent') => void): void {
    this.#listener = listener
  }

  dispose (): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    clearTimeout(this.#silence)
    this.stream.destroy()
    if (this.#source instanceof Readable) this.#source.destroy()
    // `return` is not awaited: a generator that waits for something returns only after that.
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
    // A fault after the last byte is not reported: Connect may have all bytes, so the outcome is unknown.
    if (!this.isComplete) {
      this.failure = cause === undefined ? { reason } : { reason, cause }
      this.#listener('failed')
    }
    this.stream.destroy()
  }
}
