import t from 'tap'
import { fuzzRoutes } from './routes.ts'
import { SEED } from './seed.ts'

t.test('every answer is documented, for any request and any answer of Connect', async (t) => {
  const statuses = await fuzzRoutes(t, SEED, 8)
  for (const status of [200, 400, 401, 403, 502]) t.ok(statuses[status], `${status} was seen`)
})
