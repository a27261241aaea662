import { Readable } from 'node:stream'
import type { UploadBody } from './api.ts'

/** The body of one upload under watch. */
export interface MeasuredBody {
  readonly stream: Readable
  /** Bytes handed on so far. */
  readonly bytes: number
  /** All of it has been handed to the socket. */
  readonly isComplete: boolean
  readonly failure: { readonly reason: 'source-failed' | 'length-mismatch', readonly cause?: unknown } | null
  /** Told once when the source fails, or when Connect has been silent for too long while it was its turn. */
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
 * Passes a source on byte for byte while counting. The chunk that makes up the full length is held back until the
 * source has ended without fault and `beforeEnd` has resolved, so that either failing still leaves Connect with a cut
 * body.
 */
export function measureBody (body: UploadBody, silenceMs: number, beforeEnd?: () => Promise<void>): MeasuredBody {
  const source = body.stream
  const iterator = source[Symbol.asyncIterator]()
  // An error between two pulls has no other listener and would end the process; the next pull reports it.
  if (source instanceof Readable) source.on('error', () => {})

  let taken = 0
  let held: Uint8Array | null = null
  let isDisposed = false
  let isOurTurn = true
  let listener: (trouble: 'failed' | 'silent') => void = () => {}
  const silence = setTimeout(() => { if (!isOurTurn) listener('silent') }, silenceMs)

  const handOn = (chunk: Uint8Array): void => {
    measured.bytes += chunk.byteLength
    isOurTurn = false
    silence.refresh()
    stream.push(chunk)
  }
  const fail = (reason: 'source-failed' | 'length-mismatch', cause?: unknown): void => {
    if (measured.failure !== null || isDisposed) return
    measured.failure = cause === undefined ? { reason } : { reason, cause }
    listener('failed')
    stream.destroy()
  }
  const finish = (): void => {
    if (taken !== body.length) return fail('length-mismatch')
    if (beforeEnd === undefined) return end()
    beforeEnd().then(end, (error: unknown) => fail('source-failed', error))
  }
  const end = (): void => {
    if (isDisposed || stream.destroyed) return
    if (held !== null) handOn(held)
    stream.push(null)
  }
  const take = ({ done, value }: IteratorResult<unknown>): void => {
    if (isDisposed || stream.destroyed) return
    if (done === true) return finish()
    if (!(value instanceof Uint8Array)) return fail('source-failed', new TypeError('the source must yield bytes'))
    if (value.byteLength === 0) return pull()
    taken += value.byteLength
    if (taken > body.length) return fail('length-mismatch')
    if (taken < body.length) return handOn(value)
    held = value
    pull()
  }
  const pull = (): void => {
    isOurTurn = true
    iterator.next().then(take, (error: unknown) => fail('source-failed', error))
  }
  const dispose = (): void => {
    if (isDisposed) return
    isDisposed = true
    clearTimeout(silence)
    stream.destroy()
    if (source instanceof Readable) source.destroy()
    // Not awaited: a generator that hangs in its own await returns when that settles.
    else iterator.return?.().catch(() => {})
  }

  const stream = new Readable({ read: pull })
  stream.on('error', () => {})
  stream.on('end', () => { measured.isComplete = true })

  const measured: InMaking = {
    stream,
    bytes: 0,
    isComplete: false,
    failure: null,
    onTrouble: told => {
      listener = told
    },
    dispose
  }
  return measured
}
