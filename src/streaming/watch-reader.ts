import { setInterval, clearInterval } from 'node:timers'

/**
 * Passes pieces of an answer on, and calls `giveUp` when one of them has been waiting for its reader for longer than
 * `maxMs` tells, which is asked again and again. How long the pieces take to come does not count.
 */
export async function * taken<T> (
  pieces: AsyncIterable<T>,
  maxMs: () => number,
  giveUp: () => void
): AsyncGenerator<T, void, void> {
  let since: number | null = null
  const watch = setInterval(
    () => {
      if (since !== null && performance.now() - since > maxMs()) giveUp()
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
