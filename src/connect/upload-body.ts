import { Readable } from 'node:stream'
import type { UploadBody } from './api.ts'

/** The body of one upload, measured while undici reads it. */
export interface MeasuredBody {
  readonly stream: Readable
  /** Bytes that undici has taken. */
  readonly bytes: number
  /** undici has taken all bytes. Connect may have them, although they may also wait for the socket. */
  readonly isComplete: boolean
  readonly failure: { readonly reason: 'source-failed' | 'length-mismatch', readonly cause?: unknown } | null
  /** Called once, when the source fails or when Connect neither reads on nor answers for too long. */
  onTrouble (listener: (trouble: 'failed' | 'silent') => void): void
  /** Stops the source; idempotent. */
  dispose (): void
}

/** No getters: see Deadline in http/deadline.ts. */
interface InMaking extends MeasuredBody {
  bytes: number
  isComplete: boolean
  failure: MeasuredBody['failure']
}

/**
 * Passes a source of exactly `length` bytes on to undici and measures it. A source that fails, or has another length,
 * leaves Connect with a body that is cut short. A source that must not be acted on before something else has happened
 * keeps its own last bytes back until then. `silenceMs` is how long Connect may be silent when it has bytes to read or
 * an answer to give.
 */
export function measureBody ({ stream: source, length }: UploadBody, silenceMs: number): MeasuredBody {
  const iterator = source[Symbol.asyncIterator]()
  // Between two pulls an error has no other listener and would end the process; the next pull reports it.
  if (source instanceof Readable) source.on('error', () => {})

  let pulled = 0
  let isDisposed = false
  let isSourceAwaited = true
  let listener: (trouble: 'failed' | 'silent') => void = () => {}
  const silence = setTimeout(() => { if (!isSourceAwaited) listener('silent') }, silenceMs)

  const fail = (reason: 'source-failed' | 'length-mismatch', cause?: unknown): void => {
    if (measured.failure !== null || isDisposed) return
    // Connect may have all bytes already. Then only the connection ends, and the outcome is unknown.
    if (!measured.isComplete) {
      measured.failure = cause === undefined ? { reason } : { reason, cause }
      listener('failed')
    }
    stream.destroy()
  }
  const take = ({ done, value }: IteratorResult<unknown>): void => {
    if (isDisposed || stream.destroyed) return
    if (done === true) {
      if (pulled !== length) fail('length-mismatch')
      else stream.push(null)
      return
    }
    if (!(value instanceof Uint8Array)) return fail('source-failed', new TypeError('the source must yield bytes'))
    if (value.byteLength === 0) return pull()
    pulled += value.byteLength
    if (pulled > length) return fail('length-mismatch')
    isSourceAwaited = false
    silence.refresh()
    stream.push(value)
  }
  const pull = (): void => {
    isSourceAwaited = pulled < length
    iterator.next().then(take, (error: unknown) => fail('source-failed', error))
  }
  const stream = new Readable({ read: pull })
  stream.on('error', () => {})
  // Paused, because a listener would set the stream in motion; undici resumes it.
  stream.pause().on('data', ({ byteLength }: Uint8Array) => {
    measured.bytes += byteLength
    measured.isComplete = measured.bytes === length
  })

  const measured: InMaking = {
    stream,
    bytes: 0,
    isComplete: false,
    failure: null,
    onTrouble: told => {
      listener = told
    },
    dispose () {
      if (isDisposed) return
      isDisposed = true
      clearTimeout(silence)
      stream.destroy()
      if (source instanceof Readable) source.destroy()
      // Not awaited: a generator that waits for something of its own returns when it has got that.
      else iterator.return?.().catch(() => {})
    }
  }
  return measured
}
