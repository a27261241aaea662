/** The minimum data rate of a sender. */
export const MIN_BYTES_PER_SECOND = 1024

/**
 * Gives a function that checks the data rate of a body. The function takes the milliseconds that a chunk was waited for
 * and the number of bytes in that chunk. It says whether the body is too slow: after each `ms` milliseconds of waiting,
 * at least 1 KiB for each second must have come. Time in which no bytes are asked for does not count. A sender that is
 * silent gives no chunk: see idle-timer.ts.
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
