import t, { type Test } from 'tap'
import { openRedisStore } from '../../../src/store/redis-store.ts'
import { startApp, until, PROVIDER_KEY } from '../../helper.ts'
import { noRedis, startRedis, type RedisServer } from '../../store/redis.ts'
import { silent } from '../../store/fixture.ts'
import { sender, startFixture, type Reply, type Send, type Fixture } from './fixture.ts'

const BILLING = { externalBillingId: 'INV-1' }
/** The store gives up after 250 ms. A busy machine may need 20 times that. */
const SOON_MS = 5_000

/** A sandbox, Redis, and two replicas of the service. */
async function startReplicas (t: Test, redis: RedisServer): Promise<Fixture & { other: Send }> {
  const open = async () => await openRedisStore(redis.url, silent)
  const first = await startFixture(t, { store: await open() })
  const second = await startApp(t, { store: await open(), env: { CONNECT_BASE_URL: first.sandbox.baseUrl } })
  return { ...first, other: sender(second.origin, PROVIDER_KEY) }
}

async function timed<T> (work: Promise<T>): Promise<[T, number]> {
  const from = performance.now()
  return [await work, performance.now() - from]
}

if (noRedis !== null) {
  t.comment(`redis ${noRedis}`)
  t.pass('the part without Redis')
} else {
  t.test('of fifty closes with one key at two replicas one is sent', async (t) => {
    const { provider, other, records, writes } = await startReplicas(t, await startRedis(t))
    const [record = ''] = await records()
    const path = `/usage-records/${record}/close`
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => await (i % 2 === 0 ? provider : other)('POST', path, 'k', BILLING))
    )
    const isExpected = ({ status, json }: Reply): boolean =>
      status === 200 || status === 409 || json['code'] === 'STORE_UNAVAILABLE'
    t.ok(all.every(isExpected), 'on a busy machine a call to Redis may take too long')
    await until(async () => (await other('POST', path, 'k', BILLING)).status === 200, 'the answer to be kept')
    t.equal(writes().length, 1)
    const again = await other('POST', path, 'k', BILLING)
    t.equal(again.headers.get('idempotency-replayed'), 'true', 'either replays')
    t.equal(again.text, (await provider('POST', path, 'k', BILLING)).text)
    t.match(await other('POST', path, 'k', { externalBillingId: 'INV-2' }), { status: 422 })
  })

  for (const how of ['SIGSTOP', 'SIGKILL'] as const) {
    t.test(`${how} of Redis: reads go on, writes are refused soon, and it is used again without a restart`, async t => {
      const redis = await startRedis(t)
      const { provider, records, writes, logs } = await startReplicas(t, redis)
      const [record = '', second = ''] = await records()
      t.equal((await provider('POST', `/usage-records/${record}/close`, 'before', BILLING)).status, 200)
      writes()
      if (how === 'SIGKILL') await redis.kill(how)
      else {
        redis.child().kill(how)
        t.teardown(() => {
          redis.child().kill('SIGCONT')
        })
      }
      const [refused, ms] = await timed(provider('POST', `/usage-records/${second}/close`, 'k', BILLING))
      t.match(refused, { status: 503, json: { code: 'STORE_UNAVAILABLE' } })
      t.ok(Number(refused.headers.get('retry-after')) >= 1)
      t.ok(ms < SOON_MS, `${Math.round(ms)} ms`)
      const [withoutKey, ms2] = await timed(provider('POST', `/usage-records/${second}/close`, null, BILLING))
      t.match(withoutKey, { status: 503, json: { code: 'STORE_UNAVAILABLE' } }, 'without a key, too')
      t.ok(ms2 < SOON_MS, `${Math.round(ms2)} ms`)
      t.same(writes(), [], 'Connect heard of none')
      for (let i = 0; i < 5; i++) {
        const [read, readMs] = await timed(provider('GET', `/usage-records/${second}`, null))
        t.equal(read.status, 200)
        t.ok(readMs < SOON_MS, `read in ${Math.round(readMs)} ms`)
      }
      if (how === 'SIGKILL') await redis.start()
      else redis.child().kill('SIGCONT')
      await until(
        async () => (await provider('POST', `/usage-records/${second}/close`, 'k', BILLING)).status === 200,
        'writes to work again',
        5_000
      )
      t.equal(writes().length, 1)
      t.equal(
        (await provider('POST', `/usage-records/${record}/close`, 'before', BILLING)).headers.get(
          'idempotency-replayed'
        ),
        'true',
        'what was kept is still there'
      )
      t.ok(logs.some(({ idempotency }) => idempotency === 'unavailable'))
    })
  }

  t.test(
    'Redis lost between the claim and the send: nothing is sent; lost after it: the answer is given, and the next ' +
    'request looks',
    async t => {
      const redis = await startRedis(t)
      const { provider, records, writes, sandbox } = await startReplicas(t, redis)
      const [one = '', two = ''] = await records()
      // The close reads first, and Redis is frozen while it does.
      sandbox.faults.add({
        match: { method: 'GET', path: `/usage/records/${one}` },
        when: 'before',
        fault: { type: 'delay', ms: 1_000 }
      })
      const early = provider('POST', `/usage-records/${one}/close`, 'early', BILLING)
      await until(() => sandbox.ledger.entries.length > 0, 'the read')
      redis.child().kill('SIGSTOP')
      t.teardown(() => {
        redis.child().kill('SIGCONT')
      })
      t.match(await early, { status: 503, json: { code: 'STORE_UNAVAILABLE' } })
      t.same(writes(), [])
      redis.child().kill('SIGCONT')
      sandbox.faults.clear()
      await until(
        async () => (await provider('POST', `/usage-records/${one}/close`, 'early', BILLING)).status === 200,
        'the same request to work'
      )
      t.equal(writes().length, 1)

      sandbox.faults.add({
        match: { method: 'POST', path: `/usage/records/${two}/close` },
        when: 'after',
        fault: { type: 'delay', ms: 1_000 }
      })
      const late = provider('POST', `/usage-records/${two}/close`, 'late', BILLING)
      await until(() => sandbox.ledger.entries.some(({ method }) => method === 'POST'), 'the send')
      redis.child().kill('SIGSTOP')
      t.match(await late, { status: 200, json: { status: 'closed' } }, 'what was done is told')
      redis.child().kill('SIGCONT')
      sandbox.faults.clear()
      writes()
      await until(
        async () => (await provider('POST', `/usage-records/${two}/close`, 'late', BILLING)).status === 200,
        'the answer again'
      )
      t.same(writes(), [], 'and it was not sent again')
    }
  )
}
