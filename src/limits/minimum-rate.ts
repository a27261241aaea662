/** The minimum data rate of a sender. */
export const MIN_BYTES_PER_SECOND = 1024

/**
 * Watches a body for its data rate: for every `ms` milliseconds spent waiting for it, there must come 1 KiB a second.
 * The function it gives takes the milliseconds that a chunk was waited for and the chunk's bytes, and says whether the
 * body is too slow. Time in which no bytes are asked for does not count. A sender that is silent gives no chunk: see
 * idle-timer.ts.
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
