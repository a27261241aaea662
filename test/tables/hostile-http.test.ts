import t from 'tap'
import { startHostile } from './hostile-http.ts'
import { hostileWorkbook, MIB } from './hostile-workbooks.ts'

t.test('4 hostile workbooks get clear answers from every operation, and Connect gets nothing', async (t) => {
  const tryEverywhere = await startHostile(t, 20)
  for (const seed of [1, 3, 8, 9]) {
    const { what, bytes } = hostileWorkbook(seed, 1)
    t.same(await tryEverywhere(bytes), [], what)
  }
  t.ok(process.memoryUsage().rss < 1_200 * MIB, `${Math.round(process.memoryUsage().rss / MIB)} MiB`)
})
