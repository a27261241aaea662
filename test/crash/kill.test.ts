import t from 'tap'
import { noRedis, startRedis } from '../store/redis.ts'
import { KILL_CASES, testKills, testTakeover } from './kills.ts'

/** The other operations are in test/full/kills.ts. */
t.test('a record is closed once when the service is killed at any point, and the next request tells so', async (t) => {
  await testKills(t, KILL_CASES.closingRecord)
})

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('another replica continues the work of a killed replica when its lease is over', async (t) => {
    await testTakeover(t, (await startRedis(t)).url)
  })
}
