import { setInterval, clearInterval } from 'node:timers'
import { AppError } from '../errors/app-error.ts'

const MIN_BYTES_PER_SECOND = 1024

/**
 * Passes a body on as long as it does not merely drip: in every `ms` of waiting for it there must come 1 KiB a second.
 * Time in which nobody asked for bytes does not count, and silence is not its business. Throws REQUEST_TIMEOUT.
 */
export async function * faster (body: AsyncIterable<Buffer>, ms: number): AsyncGenerator<Buffer, void, void> {
  let waited = 0
  let bytes = 0
  let askedAt = performance.now()
  for await (const chunk of body) {
    waited += performance.now() - askedAt
    bytes += chunk.length
    if (waited >= ms) {
      if (bytes < waited / 1000 * MIN_BYTES_PER_SECOND) throw new AppError('REQUEST_TIMEOUT', `The body came at less than ${MIN_BYTES_PER_SECOND} bytes a second for ${ms} ms.`)
      waited = 0
      bytes = 0
    }
    yield chunk
    askedAt = performance.now()
  }
}

/**
 * Passes pieces of an answer on, and calls `giveUp` when one of them has been waiting for its reader for longer than
 * `maxMs` tells, which is asked again and again. How long the pieces take to come does not count.
 */
export async function * taken<T> (pieces: AsyncIterable<T>, maxMs: () => number, giveUp: () => void): AsyncGenerator<T, void, void> {
  let since: number | null = null
  const watch = setInterval(() => {
    if (since !== null && performance.now() - since > maxMs()) giveUp()
  }, Math.min(1000, maxMs() / 4))
  try {
    for await (const piece of pieces) {
      since = performance.now()
      yield piece
      since = null
    }
  } finally {
    clearInterval(watch)
  }
}
