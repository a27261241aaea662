import t from 'tap'
import { killAtRandom } from './random-kills.ts'

/** The long run is test/full/crash-run.ts. */
t.test('killed at random moments of a mixed run, everything is done once and nobody is told a lie', async (t) => {
  await killAtRandom(t, { seed: 5, operations: 60, kills: 2 })
})
