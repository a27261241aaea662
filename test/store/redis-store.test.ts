import t, { } from 'tap'
import { start } from '../smoke/processes.ts'
import { until } from '../helper.ts'
import { noRedis, startRedis } from './redis.ts'
import { claimed, silent } from './fixture.ts'
import { adminOf, beginAgain, recorder, refused, replica, SOON_MS } from './redis-fixture.ts'

if (noRedis !== null) {
  t.comment(`redis ${noRedis}`)
  t.pass('the part without Redis')
} else {
  t.test('replicas share claims, answers and counts', async (t) => {
    const { url } = await startRedis(t)
    const [a, b] = [await replica(t, url), await replica(t, url)]
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => await (i % 2 === 0 ? a : b).begin('k', 'fp'))
    )
    const winners = all.flatMap(begun => begun.kind === 'claimed' ? [begun.claim] : [])
    t.equal(winners.length, 1)
    t.equal(await b.complete(winners[0]!, 'fp', 'answer'), true, 'whoever knows the claim may end it')
    t.match(await a.begin('k', 'fp'), { kind: 'done', answer: 'answer' })
    t.equal((await a.hit('h', 10_000)).count, 1)
    t.equal((await b.hit('h', 10_000)).count, 2)
  })

  t.test('one of four processes wins a claim', async (t) => {
    const { url } = await startRedis(t)
    const all = [1, 2, 3, 4].map(() => start('node', ['build/test/store/contender.js', url, 'race']))
    const wins = await Promise.all(all.map(async one => Number((await one.prints(/won (\d+)/))[1])))
    t.equal(wins.reduce((sum, n) => sum + n, 0), 1)
  })

  t.test('a killed Redis is noticed at once, and used again with its values when it is back', async (t) => {
    const redis = await startRedis(t)
    const { log, lines } = recorder()
    const store = await replica(t, redis.url, log)
    const kept = claimed(await store.begin('kept', 'fp'))
    t.equal(await store.complete(kept, 'fp', 'answer'), true)
    await redis.kill('SIGKILL')
    await refused(t, store.begin('k', 'fp'), 'begin')
    await refused(t, store.hit('k', 1_000), 'hit')
    await refused(t, store.health(), 'health')
    await redis.start()
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again')
    t.match(await store.begin('kept', 'fp'), { kind: 'done', answer: 'answer' })
    t.equal(lines.filter(line => line.includes('does not answer')).length, 1, 'one line for the outage')
    t.equal(lines.filter(line => line.includes('answers again')).length, 1)
  })

  t.test('a call to a frozen Redis ends in time, and its late effect is undone', async (t) => {
    const redis = await startRedis(t)
    const store = await replica(t, redis.url, silent, {})
    const marked = claimed(await store.begin('marked', 'fp'))
    redis.child().kill('SIGSTOP')
    t.teardown(() => { redis.child().kill('SIGCONT') })
    await Promise.all([
      refused(t, store.begin('k', 'fp'), 'begin'),
      refused(t, store.mark(marked, { as: 'sent', fingerprint: 'fp' }), 'mark'),
      refused(t, store.hit('h', 1_000), 'hit')
    ])
    await store.release(marked, false)
    const from = performance.now()
    for (let i = 0; i < 50; i++) await Promise.allSettled([store.hit('h', 1_000)])
    t.ok(performance.now() - from < SOON_MS, 'nobody waits for what is known to be down')
    redis.child().kill('SIGCONT')
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again', 4_000)
    await beginAgain(store, 'k', 'fp')
    t.match(
      await beginAgain(store, 'marked', 'other'),
      { kind: 'claimed', earlier: null },
      'a mark that nobody heard of is taken back'
    )
  })

  t.test('a connection that is frozen for long is replaced, and the next one works', async (t) => {
    const redis = await startRedis(t)
    const store = await replica(t, redis.url, silent, {})
    redis.child().kill('SIGSTOP')
    t.teardown(() => { redis.child().kill('SIGCONT') })
    const end = Date.now() + 4_000
    while (Date.now() < end) {
      await refused(t, store.begin('k', 'fp'), 'begin')
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    redis.child().kill('SIGCONT')
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used again', 5_000)
    await beginAgain(store, 'k', 'fp')
  })

  t.test('a Redis that is not there at the start is used as soon as it comes', async (t) => {
    const redis = await startRedis(t)
    await redis.kill('SIGKILL')
    const store = await replica(t, redis.url)
    await refused(t, store.begin('k', 'fp'), 'begin')
    await redis.start()
    await until(async () => await store.health().then(() => true, () => false), 'Redis to be used')
    t.match(await store.begin('k', 'fp'), { kind: 'claimed' })
  })

  t.test('a full Redis is not ready until a write works again, also before the first write of a caller', async (t) => {
    const { url } = await startRedis(t, ['--maxmemory', '1'])
    const { log, lines } = recorder()
    const store = await replica(t, url, log)
    for (let i = 0; i < 3; i++) await refused(t, store.health(), 'health')
    await refused(t, store.begin('k', 'fp'), 'begin')
    t.match(lines, [/cannot be written.*OOM/], 'said once')
    const admin = adminOf(t, url)
    await admin.config('SET', 'maxmemory', '0')
    await until(async () => await store.health().then(() => true, () => false), 'a trial that works')
    t.match(lines, [/cannot be written/, /can be written again/])
    t.match(await store.begin('k', 'fp'), { kind: 'claimed' })
    await admin.config('SET', 'maxmemory', '1')
    await until(async () => await store.health().then(() => false, () => true), 'a trial of its own that does not')
  })
}
