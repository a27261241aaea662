import t from 'tap'
import { fuzzLists } from './broken-lists.ts'
import { SEED } from './seed.ts'

t.test('a list with changed bytes is refused, or exactly its records are closed', async (t) => {
  const { closed, refused } = await fuzzLists(t, SEED, 250)
  t.ok(closed > 20 && refused > 50, 'both were seen')
})
