import t from 'tap'
import { testWrites } from './write-cases.ts'
import { UPLOADS } from './writes.ts'

t.test('each upload has the right outcome after each fault', { timeout: 100_000 }, async (t) => {
  await testWrites(t, UPLOADS, 6)
})
