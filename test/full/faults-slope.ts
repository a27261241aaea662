/** Part of `npm run test:full`: 500 repetitions of a mixed set of faults, and the memory that is left of them. */
import t from 'tap'
import { testSlope } from '../faults/slope.ts'
import { MIB } from '../uploads/forms.ts'

t.setTimeout(600_000)
t.test('500 repetitions', async (t) => { await testSlope(t, 500, 5 * MIB) })
