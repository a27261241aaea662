import type { IncomingMessage } from 'node:http'
import { PassThrough, type Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { createRateWatch, MIN_BYTES_PER_SECOND } from '../limits/minimum-rate.ts'
import { IdleTimer } from '../limits/idle-timer.ts'
import { freeBuffers } from '../limits/garbage.ts'

export interface BodyLimits {
  maxBytes: number
  /** The most milliseconds without a byte, and the time over which the minimum data rate is measured. */
  idleMs: number
}

export interface RequestBody {
  /**
   * Yields the body; may be called once. Throws BODY_TOO_LARGE over the limit, REQUEST_TIMEOUT for a silent or slow
   * caller, MALFORMED_BODY for a body that was cut off.
   */
  read: () => AsyncGenerator<Buffer, void, void>
  /** Makes `read` throw this reason, as MALFORMED_BODY if it is no AppError. The socket stays open for the answer. */
  destroy: (reason: Error) => void
}

/**
 * Throws BODY_TOO_LARGE for a declared length above the limit. The bytes pass through a second stream, because to
 * destroy the request would also close the socket for the answer.
 */
export function openRequestBody (
  raw: IncomingMessage, contentLength: number | null, limits: BodyLimits
): RequestBody {
  if (contentLength !== null && contentLength > limits.maxBytes) throw tooLarge(limits)
  const body = new PassThrough()
  // The body may be cut off before anybody reads it. The reader gets that error later. Without this listener, the error
  // would end the process.
  body.on('error', () => {})
  // When the connection is reset, Node drops the bytes that were not read yet, even if the request is `complete`. No
  // 'data' and no 'end' follows then, only 'close'. So a 'close' before 'end' means that bytes are missing.
  const onCut = (): void => { if (!raw.readableEnded) body.destroy(truncated()) }
  raw.once('close', onCut)
  body.once('close', () => {
    raw.off('close', onCut)
    raw.unpipe(body)
  })
  // If the request was closed before this function was called, no 'close' follows any more.
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
 * Yields the bytes of a stream, and destroys the stream when the reading ends or fails. Throws BODY_TOO_LARGE or
 * REQUEST_TIMEOUT over the limits. While the reader asks for no bytes, for example because Connect is slow to take
 * them, no time counts against the caller.
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

export function truncated (cause?: unknown): AppError {
  return new AppError('MALFORMED_BODY', 'The body ended before it was complete.', { cause })
}
