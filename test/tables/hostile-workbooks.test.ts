import t from 'tap'
import { createTablePool } from '../../src/tables/pool.ts'
import { hostileWorkbook, MIB, readEverywhere } from './hostile-workbooks.ts'

t.test('14 hostile workbooks are read or refused by every task, in little memory', async (t) => {
  const pool = createTablePool({ program: new URL('../../src/table-worker.js', import.meta.url) })
  t.teardown(async () => { await pool.close() })
  for (let seed = 1; seed <= 14; seed += 1) {
    const { what, bytes } = hostileWorkbook(seed, 1)
    t.same(await readEverywhere(pool, bytes, 20), [], what)
  }
  t.ok(process.memoryUsage().rss < 1_200 * MIB, `${Math.round(process.memoryUsage().rss / MIB)} MiB`)
})
