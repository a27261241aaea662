import t from 'tap'
import { testWrites } from './write-cases.ts'
import { OTHER_WRITES } from './writes.ts'

t.test('records, chunks and rules: what becomes of a write that meets a fault', { timeout: 100_000 }, async (t) => {
  await testWrites(t, OTHER_WRITES, 16)
})
