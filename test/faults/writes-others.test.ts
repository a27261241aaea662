import t from 'tap'
import { testWrites } from './write-cases.ts'
import { OTHER_WRITES } from './writes.ts'

t.test('writes of records, chunks and rules have the right outcome after faults', { timeout: 100_000 }, async (t) => {
  await testWrites(t, OTHER_WRITES, 12)
})
