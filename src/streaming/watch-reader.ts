import { setInterval, clearInterval } from 'node:timers'

/**
 * Passes the pieces of an answer on. When the reader has not asked for the next piece for more than `maxMs()`
 * milliseconds after it got one, calls `onUnread` again and again until the reader asks.
 */
export async function * watchReader<T> (
  pieces: AsyncIterable<T>,
  maxMs: () => number,
  onUnread: () => void
): AsyncGenerator<T, void, void> {
  let since: number | null = null
  const watch = setInterval(
    () => {
      if (since !== null && performance.now() - since > maxMs()) onUnread()
    },
    Math.min(1000, maxMs() / 4)
  )
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
