import t from 'tap'
import { MIB } from '../uploads/forms.ts'
import { testSlope } from './slope.ts'

// `npm run test:full` measures the slope over 500 repetitions.
t.test('repeated faults of all kinds leave nothing behind', async (t) => { await testSlope(t, 30, 5 * MIB) })
