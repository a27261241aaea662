import type { Readable } from 'node:stream'
import { AppError } from '../errors/app-error.ts'
import { createDripWatch, MIN_BYTES_PER_SECOND } from '../limits/minimum-rate.ts'
import { spent } from './spent-buffers.ts'

/** What an upload brings, whichever way it came: a form or a raw body becomes this. */
export interface IncomingFile {
  /**
   * The file's length plus that of what follows a form's closing delimiter, which is learnt last (most clients end
   * with CRLF, some with nothing). Null when the caller's body has no declared length.
   */
  readonly boundedLength: number | null
  /** The form's fields that came before the file. */
  readonly fields: ReadonlyMap<string, string>
  /**
   * The file's bytes. Ends only when the caller's whole body has arrived and was well-formed, and then returns the
   * number of bytes that followed the closing delimiter; throws an AppError on any fault. To be read once.
   */
  read: () => AsyncGenerator<Buffer, number, void>
  /** Gives up: a pending read fails with the reason. The request's socket stays, for the answer. */
  destroy: (reason: Error) => void
}

export interface UploadLimits {
  /** Largest file. */
  maxBytes: number
  /** Longest silence of the caller while its bytes are waited for, and how long they may merely drip. */
  idleMs: number
}

/** A form may follow its closing delimiter with padding or an epilogue (RFC 2046 5.1.1) of at most this size. */
export const MAX_TRAILING_BYTES = 1024
/** What a form may hold besides its file: part headers, fields, a preamble. */
export const MAX_AROUND_FILE_BYTES = 64 * 1024

/**
 * Reads a caller's stream within its limits and destroys it on every way out. Time in which nobody asked for bytes
 * (Connect was slow to take them) is not the caller's silence.
 */
export async function * readWithin (source: Readable, limits: UploadLimits): AsyncGenerator<Buffer, number, void> {
  let isWaiting = true
  let size = 0
  let askedAt = performance.now()
  const drips = createDripWatch(limits.idleMs)
  const timer = setTimeout(() => {
    if (isWaiting) source.destroy(silence(limits))
    else timer.refresh()
  }, limits.idleMs)
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      isWaiting = false
      size += chunk.length
      if (size > limits.maxBytes) throw tooLarge(limits)
      if (drips(performance.now() - askedAt, chunk.length)) throw dripping(limits)
      yield chunk
      spent(chunk.length)
      isWaiting = true
      askedAt = performance.now()
      timer.refresh()
    }
    return size
  } finally {
    clearTimeout(timer)
    source.destroy()
  }
}

export function silence (limits: UploadLimits): AppError {
  return new AppError('REQUEST_TIMEOUT', `No bytes of the upload arrived for ${limits.idleMs} ms.`)
}

function dripping (limits: UploadLimits): AppError {
  return new AppError(
    'REQUEST_TIMEOUT',
    `The body came at less than ${MIN_BYTES_PER_SECOND} bytes a second for ${limits.idleMs} ms.`
  )
}

export function tooLarge (limits: UploadLimits): AppError {
  return new AppError('BODY_TOO_LARGE', `What was sent is larger than ${limits.maxBytes} bytes.`, {
    extra: { maxBytes: limits.maxBytes }
  })
}

/** Node reports a body that was cut off in several ways; for the caller it is one. */
export function truncated (cause?: unknown): AppError {
  return new AppError('MALFORMED_BODY', 'The body ended before it was complete.', { cause })
}
