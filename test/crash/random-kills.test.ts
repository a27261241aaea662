import t from 'tap'
import { killAtRandom } from './random-kills.ts'

/** The long run is test/full/crash-run.ts. */
t.test('a mixed run with kills at random moments does everything once and gives no wrong answer', async (t) => {
  await killAtRandom(t, { seed: 5, operations: 60, kills: 2 })
})
