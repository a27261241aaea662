/** A span of time: its first and its last moment, in milliseconds since 1970. */
export interface Interval { readonly from: number, readonly to: number }

const SECOND_MS = 1000
const MINUTE_MS = 60_000

/**
 * Gives the parts of `window` that no interval covers, in order of time. A part of at most one second does not count,
 * for example from 23:59:59 to 00:00:00.
 */
export function gapsIn (window: Interval, covered: readonly Interval[]): Interval[] {
  const gaps: Interval[] = []
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

/** Gives the next full minute if it is at most one second later (as after 23:59:59), otherwise `end` itself. */
function momentAfter (end: number): number {
  const minute = Math.ceil(end / MINUTE_MS) * MINUTE_MS
  return minute - end <= SECOND_MS ? minute : end
}
