import t from 'tap'
import { testWrites } from './write-cases.ts'
import { FILE_WRITES } from './writes.ts'

t.test('each write of a usage file has the right outcome after each fault', { timeout: 100_000 }, async (t) => {
  await testWrites(t, FILE_WRITES, 12)
})
