import fc from 'fast-check'
import t from 'tap'
import { gapsIn, type Interval } from '../../src/usage/gaps.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const at = (text: string): number => Date.parse(text)
const between = (from: string, to: string): Interval => ({ from: at(from), to: at(to) })
const inText = ({ from, to }: Interval): string => `${new Date(from).toISOString()} ${new Date(to).toISOString()}`

t.test('the gaps of a window', async (t) => {
  const window = between('2026-10-01T00:00:00Z', '2026-10-03T23:59:59Z')
  const day = (number: number): Interval => between(`2026-10-0${number}T00:00:00Z`, `2026-10-0${number}T23:59:59Z`)
  const cases: [string, Interval[], Interval[]][] = [
    ['nothing is covered', [], [window]],
    ['all is covered', [day(3), day(1), day(2)], []],
    ['a day is missing', [day(1), day(3)], [day(2)]],
    ['the last days are missing', [day(1)], [{ from: day(2).from, to: window.to }]],
    ['the first day is missing', [day(2), day(3)], [day(1)]],
    ['a period around the window', [between('2026-01-01T00:00:00Z', '2026-12-31T23:59:59Z')], []],
    ['periods that only touch the window', [between('2026-09-01T00:00:00Z', '2026-09-30T23:59:59Z'),
      between('2026-10-04T00:00:00Z', '2026-10-04T23:59:59Z')], [window]],
    ['a period in another', [between('2026-10-01T00:00:00Z', '2026-10-02T23:59:59Z'), day(1), day(3)], []],
    ['ends that are the next begin', [between('2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z'),
      between('2026-10-02T00:00:00Z', '2026-10-04T00:00:00Z')], []],
    ['an end that is no end of a minute', [between('2026-10-01T00:00:00Z', '2026-10-01T12:34:20Z'), day(2), day(3)],
      [between('2026-10-01T12:34:20Z', '2026-10-01T23:59:59Z')]],
    ['one second is no gap', [between('2026-10-01T00:00:01Z', '2026-10-02T23:59:58Z'),
      between('2026-10-02T23:59:59Z', '2026-10-03T23:59:58Z')], []],
    ['two seconds are a gap', [between('2026-10-01T00:00:00Z', '2026-10-02T23:59:58Z'), day(3)],
      [between('2026-10-02T23:59:58Z', '2026-10-02T23:59:59Z')]],
    ['a period that ends before its begin covers nothing', [between('2026-10-03T23:59:59Z', '2026-10-01T00:00:00Z')],
      [window]]
  ]
  for (const [name, covered, gaps] of cases) t.same(gapsIn(window, covered).map(inText), gaps.map(inText), name)
  t.same(gapsIn(between('2026-10-02T00:00:00Z', '2026-10-01T00:00:00Z'), []), [], 'a window that has not begun')
})

/** A year of reports of one kind, each with a period that ends at the last second before the next one begins. */
function yearOf (kind: 'daily' | 'monthly' | 'hourly', year: number, shiftMs: number): Interval[] {
  const begin = Date.UTC(year, 0, 1) + shiftMs
  const end = Date.UTC(year + 1, 0, 1) + shiftMs
  if (kind === 'monthly') {
    return Array.from({ length: 12 }, (_, month) => ({
      from: Date.UTC(year, month, 1) + shiftMs, to: Date.UTC(year, month + 1, 1) + shiftMs - SECOND
    }))
  }
  const length = kind === 'daily' ? DAY : HOUR
  return Array.from({ length: (end - begin) / length }, (_, index) => ({
    from: begin + index * length, to: begin + (index + 1) * length - SECOND
  }))
}

/** Gives the gaps by another way: each minute of the window is marked or not. All times are those of full minutes. */
function gapsByMinutes (window: Interval, covered: readonly Interval[]): Interval[] {
  const minutes = new Uint8Array(Math.ceil((window.to - window.from) / MINUTE))
  for (const { from, to } of covered) {
    const first = Math.max(0, Math.floor((from - window.from) / MINUTE))
    const afterLast = Math.min(minutes.length, Math.floor((to - window.from) / MINUTE) + 1)
    if (afterLast > first) minutes.fill(1, first, afterLast)
  }
  const gaps: Interval[] = []
  for (let from = minutes.indexOf(0); from !== -1;) {
    const found = minutes.indexOf(1, from)
    const end = found === -1 ? minutes.length : found
    gaps.push({ from: window.from + from * MINUTE, to: window.from + end * MINUTE - SECOND })
    from = minutes.indexOf(0, end)
  }
  return gaps
}

const reporter = fc.record({
  kind: fc.constantFrom('daily' as const, 'monthly' as const, 'hourly' as const),
  // 3 hours: periods that end at 02:59:59.
  shiftMs: fc.constantFrom(0, 3 * HOUR, -5 * HOUR, 5.5 * HOUR),
  /** How many of 100 reports begin a run of missing ones, and how long the run is. */
  missing: fc.integer({ min: 0, max: 30 }),
  run: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer({ min: 0, max: 1_000_000 })
})

t.test('a simulated year has no false gap, and misses none', async (t) => {
  let [gaps, reports] = [0, 0]
  fc.assert(fc.property(
    fc.constantFrom(2023, 2024, 2026), fc.array(reporter, { minLength: 0, maxLength: 3 }), (year, reporters) => {
      const window = { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1) - SECOND }
      const covered = reporters.flatMap(({ kind, shiftMs, missing, run, seed }) => {
        let left = 0
        let random = seed
        return yearOf(kind, year, shiftMs).filter(() => {
          random = (random * 48_271 + 11) % 2_147_483_647
          if (left === 0 && random % 100 < missing) left = run
          if (left === 0) return true
          left -= 1
          return false
        })
      })
      // The order in which reports come means nothing.
      const shuffled = covered.map((one, index) => ({ one, key: (index * 7919) % 104_729 }))
        .sort((a, b) => a.key - b.key).map(({ one }) => one)
      const found = gapsIn(window, shuffled)
      const expected = gapsByMinutes(window, covered)
      gaps += expected.length
      reports += covered.length
      return found.map(inText).join('\n') === expected.map(inText).join('\n')
    }
  ), { numRuns: 150 })
  t.ok(gaps > 5_000 && reports > 100_000, `${gaps} gaps between ${reports} reports`)
})
