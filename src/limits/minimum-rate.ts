/** A sender below this merely drips. */
export const MIN_BYTES_PER_SECOND = 1024

/**
 * Watches a body for dripping: in every `ms` of waiting for it there must come 1 KiB a second. Takes how long was
 * waited for each chunk, and its bytes; true when it drips. Time in which nobody asked for bytes does not count, and
 * silence is not its business.
 */
export function createDripWatch (ms: number): (waitedMs: number, bytes: number) => boolean {
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
