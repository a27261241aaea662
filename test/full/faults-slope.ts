/**
 * Part of `npm run test:full`: repeats a mixed set of faults 500 times, and checks how much memory stays in use after
 * them.
 */
import t from 'tap'
import { testSlope } from '../faults/slope.ts'
import { MIB } from '../uploads/forms.ts'

t.setTimeout(600_000)
t.test('500 repetitions', async (t) => { await testSlope(t, 500, 5 * MIB) })
