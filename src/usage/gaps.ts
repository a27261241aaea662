/** A time with its first and its last moment, in milliseconds since 1970. */
export interface Interval { readonly from: number, readonly to: number }

const SECOND_MS = 1000
const MINUTE_MS = 60_000

/**
 * Gives the times of a window that no interval covers, in order. Two moments at most one second apart have no gap
 * between them: the period of a report ends at 23:59:59, and the next one begins at 00:00:00.
 */
export function gapsIn (window: Interval, covered: readonly Interval[]): Interval[] {
  const gaps: Interval[] = []
  /** The last moment that is covered; null before the first interval. */
  let end: number | null = null
  const addGap = (next: number, last: number): void => {
    if (next - (end ?? window.from) <= SECOND_MS) return
    const from = end === null ? window.from : momentAfter(end)
    gaps.push({ from, to: Math.max(from, last) })
  }
  const inWindow = covered.filter(({ from, to }) => from <= to && to >= window.from && from <= window.to)
  for (const { from, to } of inWindow.sort((a, b) => a.from - b.from)) {
    addGap(from, from - SECOND_MS)
    end = Math.max(end ?? to, to)
  }
  addGap(window.to, window.to)
  return gaps
}

/** Gives the full minute that is at most one second after an end such as 23:59:59, else the end itself. */
function momentAfter (end: number): number {
  const minute = Math.ceil(end / MINUTE_MS) * MINUTE_MS
  return minute - end <= SECOND_MS ? minute : end
}
