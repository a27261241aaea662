import t from 'tap'
import { testWrites } from './write-cases.ts'
import { UPLOADS } from './writes.ts'

t.test('uploads: what becomes of one whose fate Connect does not tell', { timeout: 100_000 }, async (t) => {
  await testWrites(t, UPLOADS, 6)
})
