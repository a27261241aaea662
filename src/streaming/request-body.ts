import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { createRateWatch, MIN_BYTES_PER_SECOND } from '../limits/minimum-rate.ts'
import { IdleTimer } from '../limits/idle-timer.ts'
import { freeBuffers } from './garbage.ts'

export interface BodyLimits {
  /** The largest body, in bytes. */
  maxBytes: number
  /**
   * The longest silence of a caller while its bytes are waited for, in milliseconds, and the time over which the
   * minimum data rate is measured.
   */
  idleMs: number
}

export interface RequestBody {
  /**
   * Yields the body. To be called once. Ends only when the whole body has arrived. Throws BODY_TOO_LARGE,
   * REQUEST_TIMEOUT or MALFORMED_BODY.
   */
  read: () => AsyncGenerator<Buffer, void, void>
  /** Makes a pending read fail with this reason. The socket of the request stays open for the answer. */
  destroy: (reason: Error) => void
}

/**
 * Opens the body of a request as it is. `contentLength` is the declared length in bytes, or null. Throws BODY_TOO_LARGE
 * for a declared length above the limit. The request is piped into another stream: to destroy the request would destroy
 * the socket, and with it the answer.
 */
export function openRequestBody (
  raw: IncomingMessage, contentLength: number | null, limits: BodyLimits
): RequestBody {
  if (contentLength !== null && contentLength > limits.maxBytes) throw tooLarge(limits)
  const body = new PassThrough()
  // A body may be cut off before it is read; the read then throws.
  body.on('error', () => {})
  // When the connection is reset, Node drops the bytes that it has not handed out yet, even if the request is
  // `complete`. Then neither 'data' nor 'end' follows.
  const onCut = (): void => { if (!raw.readableEnded) body.destroy(truncated()) }
  raw.once('close', onCut)
  body.once('close', () => {
    raw.off('close', onCut)
    raw.unpipe(body)
  })
  // A 'close' that came before is not repeated.
  if (raw.destroyed) onCut()
  else raw.pipe(body)
  return {
    read: async function * () {
      try {
        yield * readWithin(body, limits)
      } catch (error) {
        throw error instanceof AppError ? error : truncated(error)
      }
      if (!raw.complete) throw truncated()
    },
    destroy: (reason) => { body.destroy(reason) }
  }
}

/**
 * Reads a stream of a caller within its limits, and always destroys the stream in the end. Time in which no bytes are
 * asked for (Connect is slow to take them) does not count against the caller. Throws BODY_TOO_LARGE, REQUEST_TIMEOUT,
 * and the error of the stream.
 */
export async function * readWithin (source: Readable, limits: BodyLimits): AsyncGenerator<Buffer, void, void> {
  let size = 0
  let askedAt = performance.now()
  const isTooSlow = createRateWatch(limits.idleMs)
  const idle = new IdleTimer(limits.idleMs, () => { source.destroy(silent(limits)) })
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      idle.pause()
      size += chunk.length
      if (size > limits.maxBytes) throw tooLarge(limits)
      if (isTooSlow(performance.now() - askedAt, chunk.length)) throw tooSlow(limits)
      yield chunk
      freeBuffers(chunk.length)
      idle.wait()
      askedAt = performance.now()
    }
  } finally {
    idle.end()
    source.destroy()
  }
}

export function silent (limits: BodyLimits): AppError {
  return new AppError('REQUEST_TIMEOUT', `No bytes of the upload arrived for ${limits.idleMs} ms.`)
}

export function tooSlow (limits: BodyLimits): AppError {
  return new AppError(
    'REQUEST_TIMEOUT',
    `The body came at less than ${MIN_BYTES_PER_SECOND} bytes a second for ${limits.idleMs} ms.`
  )
}

export function tooLarge (limits: BodyLimits): AppError {
  return new AppError('BODY_TOO_LARGE', `What was sent is larger than ${limits.maxBytes} bytes.`, {
    extra: { maxBytes: limits.maxBytes }
  })
}

/** Gives the same error for all the ways in which Node reports a body that was cut off. */
export function truncated (cause?: unknown): AppError {
  return new AppError('MALFORMED_BODY', 'The body ended before it was complete.', { cause })
}
