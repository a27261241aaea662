/**
 * Part of `npm run test:full`: the service is killed (SIGKILL) at random moments of 2,000 operations, on the embedded
 * store and on Redis.
 */
import t from 'tap'
import { killAtRandom } from '../crash/random-kills.ts'
import { noRedis, startRedis } from '../store/redis.ts'

t.setTimeout(0)
const seed = Number(process.env['CRASH_SEED'] ?? 11)

t.test('on the embedded store', async (t) => {
  await killAtRandom(t, { seed, operations: 2_000, kills: 40 })
})

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('on Redis', async (t) => {
    await killAtRandom(t, { seed, operations: 2_000, kills: 40, redisUrl: (await startRedis(t)).url })
  })
}
