export const MIN_BYTES_PER_SECOND = 1024

/**
 * Gives a function that gets, for each piece of a body, the milliseconds of waiting for it and its length in bytes.
 * Each time the waits add up to `ms`, it tells whether these waits brought less than MIN_BYTES_PER_SECOND.
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
