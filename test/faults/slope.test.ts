import t from 'tap'
import { MIB } from '../streaming/forms.ts'
import { testSlope } from './slope.ts'

// So few repetitions lie within what the allocator takes and gives back by itself; `npm run test:full` measures the slope.
t.test('faults of all kinds, again and again, leave nothing behind', async (t) => { await testSlope(t, 30, 24 * MIB) })
