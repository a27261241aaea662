import t from 'tap'
import type { LeaveSignal } from '../../src/connect/api.ts'
import { Deadlines } from '../../src/connect/http/deadline.ts'
import { collectEvery } from '../../src/limits/garbage.ts'

const MIB = 1024 * 1024
const ROUNDS = 20
const CALLS_EACH = 500

t.test('a call that has ended leaves nothing that only a full collection would free', async (t) => {
  const deadlines = new Deadlines()
  const collect = collectEvery(1, 'young')
  /** Some at a time are open, as in a service; each with what hangs on a caller. */
  const round = (): void => {
    let open: { release: () => void }[] = []
    for (let n = 0; n < CALLS_EACH; n++) {
      const ofCaller = new Array<number>(250).fill(0.5)
      const signal: LeaveSignal = {
        aborted: false,
        addEventListener: () => {
          ofCaller.push(1)
        },
        removeEventListener: () => {
          ofCaller.pop()
        }
      }
      open.push(deadlines.open(60_000, signal))
      if (open.length < 50) continue
      for (const deadline of open.slice(0, 25)) deadline.release()
      open = open.slice(25)
    }
    for (const deadline of open) deadline.release()
    collect(1)
    collect(1)
  }
  round()
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < ROUNDS; n++) round()
  const grown = process.memoryUsage().heapUsed - before
  // What the callers of all rounds held is 20 MiB.
  t.ok(grown < 6 * MIB, `${(grown / MIB).toFixed(1)} MiB`)
})
