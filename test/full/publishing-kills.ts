/**
 * Part of `npm run test:full`: the service is killed (SIGKILL) at each step of a report, and at random moments of 504
 * reports, on the embedded store and on Redis.
 */
import t from 'tap'
import { killAtEachStep, killWhilePublishing } from '../crash/publishing.ts'
import { noRedis, startRedis } from '../store/redis.ts'

t.setTimeout(0)
const { CRASH_SEED = '17', CRASH_KILLS = '63' } = process.env
const plan = { seed: Number(CRASH_SEED), kills: Number(CRASH_KILLS), callers: 8 }

t.test('at each step, on the embedded store', async (t) => { await killAtEachStep(t) })

t.test('at random moments, on the embedded store', async (t) => { await killWhilePublishing(t, plan) })

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('at each step, on Redis', async (t) => { await killAtEachStep(t, (await startRedis(t)).url) })

  t.test('at random moments, on Redis', async (t) => {
    await killWhilePublishing(t, { ...plan, redisUrl: (await startRedis(t)).url })
  })
}
