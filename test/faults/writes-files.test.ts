import t from 'tap'
import { testWrites } from './write-cases.ts'
import { FILE_WRITES } from './writes.ts'

t.test('usage files: what becomes of a write that meets a fault', { timeout: 100_000 }, async (t) => {
  await testWrites(t, FILE_WRITES, 16)
})
