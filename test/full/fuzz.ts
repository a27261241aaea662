/**
 * Part of `npm run test:full`: the fuzz runs of `npm run test:long` with more repetitions. The environment variable
 * `FUZZ_SEED` sets another seed.
 */
import t from 'tap'
import { fuzzLists } from '../fuzz/broken-lists.ts'
import { fuzzUploads } from '../fuzz/broken-uploads.ts'
import { fuzzRoutes } from '../fuzz/routes.ts'
import { SEED } from '../fuzz/seed.ts'

t.setTimeout(0)

t.test('10,000 forms with changed bytes', async (t) => {
  const { uploaded, refused } = await fuzzUploads(t, SEED, 10_000)
  t.ok(uploaded > 1000 && refused > 1000, 'both were seen')
})

t.test('300 requests of each operation', async (t) => {
  const statuses = await fuzzRoutes(t, SEED, 300)
  t.ok(statuses[200] && statuses[400] && statuses[502], 'all kinds were seen')
})

t.test('5,000 lists with changed bytes', async (t) => {
  const { closed, refused } = await fuzzLists(t, SEED, 5_000)
  t.ok(closed > 500 && refused > 500, 'both were seen')
})
