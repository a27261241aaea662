import { setInterval, clearInterval } from 'node:timers'

/**
 * Passes pieces of an answer on. While a piece has waited for its reader for longer than `maxMs()` milliseconds, calls
 * `onUnread` at least once a second. The time in which a piece is made does not count.
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
