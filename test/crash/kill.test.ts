import t from 'tap'
import { noRedis, startRedis } from '../store/redis.ts'
import { KILL_CASES, testKills, testTakeover } from './kills.ts'

/** The other operations are in test/full/kills.ts. */
t.test('killed anywhere while a record is closed, it is closed once, and the next request says so', async (t) => {
  await testKills(t, KILL_CASES.closingRecord)
})

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('a replica that was killed leaves its work to another one, when its lease is over', async (t) => {
    await testTakeover(t, (await startRedis(t)).url)
  })
}
