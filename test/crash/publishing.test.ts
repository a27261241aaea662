import t from 'tap'
import { noRedis, startRedis } from '../store/redis.ts'
import { killWhilePublishing } from './publishing.ts'

/** 500 moments are in test/full/publishing-kills.ts. */
t.test('killed at random moments, a report is published once: embedded store', async (t) => {
  await killWhilePublishing(t, { seed: 5, kills: 2, callers: 6 })
})

if (noRedis !== null) t.comment(`redis ${noRedis}`)
else {
  t.test('killed at random moments, a report is published once: Redis', async (t) => {
    await killWhilePublishing(t, { seed: 6, kills: 1, callers: 8, redisUrl: (await startRedis(t)).url })
  })
}
