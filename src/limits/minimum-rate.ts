/** The slowest data rate that a sender may have on average, in bytes per second. */
export const MIN_BYTES_PER_SECOND = 1024

/**
 * Gives a function that checks the data rate of one body. It is to be called with each piece of the body: with the
 * milliseconds for which the piece was waited for, and with its length in bytes. It adds up both. Each time the waits
 * reach `ms` milliseconds, it compares their data rate with MIN_BYTES_PER_SECOND. When the rate is lower, it gives
 * true; otherwise it begins again from zero and gives false. While the waits are shorter than `ms` it gives false. Time
 * in which the service does not wait for bytes does not count. idle-timer.ts finds a sender that sends nothing.
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
