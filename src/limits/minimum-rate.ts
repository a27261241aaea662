/** The fewest bytes in a second that a sender must bring, on average. */
export const MIN_BYTES_PER_SECOND = 1024

/**
 * Gives a function that checks the data rate of one body, chunk by chunk. It takes the milliseconds for which a chunk
 * was waited for, and the number of bytes in that chunk. Gives true when the body is too slow: in the last `ms`
 * milliseconds of waiting (or somewhat more) fewer than 1,024 bytes a second came. Before so much waiting gives false.
 * Time in which nobody waits for bytes does not count. A sender that sends nothing at all is found by idle-timer.ts.
 */
export function createRateWatch (ms: number): (waitedMs: number, bytes: number) => boolean {
  let waited = 0
  let bytes = 0
  return (waitedMs, chunkBytes) => {
    waited += waitedMs
    bytes += chunkBytes
    if (waited < ms) return false
    if (bytes < waited / 1000 * MIN_BYTES_PER_SECOND) return true
    waited = 0
    bytes = 0
    return false
  }
}
