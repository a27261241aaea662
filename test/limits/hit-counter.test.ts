import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { clientOf } from '../../src/limits/client-address.ts'
import { createFallbackCounter, createLocalCounter, type HitCounter } from '../../src/limits/hit-counter.ts'

t.test('hits are counted by key, in windows that begin with the first hit', async (t) => {
  let at = 1_000
  const { hit } = createLocalCounter(10, () => at)
  t.same(await hit('a', 60_000), { count: 1, resetMs: 60_000 })
  at += 20_000
  t.same(await hit('a', 60_000), { count: 2, resetMs: 40_000 })
  t.same(await hit('b', 60_000, 5), { count: 5, resetMs: 60_000 })
  t.same(await hit('a', 60_000, 0), { count: 2, resetMs: 40_000 }, 'a look costs nothing')
  at += 40_000
  t.same(await hit('a', 60_000), { count: 1, resetMs: 60_000 }, 'a new window')
  t.same(await hit('b', 60_000), { count: 6, resetMs: 20_000 })
})

t.test('at most so many keys are held, and the oldest window is dropped first', async (t) => {
  let at = 0
  const { hit } = createLocalCounter(3, () => at)
  for (const key of ['a', 'b', 'c']) await hit(key, 1_000)
  at = 1_500
  await hit('a', 1_000)
  await hit('d', 1_000)
  t.same(
    await Promise.all(['a', 'c', 'd'].map(async key => (await hit(key, 1_000, 0)).count)),
    [1, 0, 1],
    'b went, and c begins anew'
  )

  const many = createLocalCounter(1_000)
  for (let i = 0; i < 50_000; i += 1) await many.hit(`client ${i}`, 60_000)
  const counts = await Promise.all(
    Array.from({ length: 1_000 }, async (_, i) => (await many.hit(`client ${49_000 + i}`, 60_000, 0)).count)
  )
  t.same(new Set(counts), new Set([1]), 'the last thousand are all there')
  t.equal((await many.hit('client 48999', 60_000, 0)).count, 0, 'and nobody else')
})

t.test('keys of one kind drop no window of another kind', async (t) => {
  const { hit } = createLocalCounter(100)
  for (let i = 0; i < 5; i += 1) hit('calls:billing', 60_000)
  for (let i = 0; i < 1_000; i += 1) hit(`wrong:10.0.${i >> 8}.${i & 255}`, 60_000)
  t.equal(hit('calls:billing', 60_000, 0).count, 5)
  t.equal(hit('wrong:10.0.0.0', 60_000, 0).count, 0)
})

t.test('while the shared counter fails the local counter counts, and a warning is logged now and then', async (t) => {
  let at = 0
  const warnings: unknown[] = []
  const asked: string[] = []
  let answer: HitCounter['hit'] = async () => ({ count: 100, resetMs: 1 })
  const shared: HitCounter = {
    hit: async (...given) => {
      asked.push(given[0])
      return await answer(...given)
    }
  }
  const { hit } = createFallbackCounter({
    shared,
    local: createLocalCounter(10, () => at),
    warn: error => {
      warnings.push(error)
    },
    timeoutMs: 20,
    now: () => at
  })
  t.same(await hit('a', 60_000), { count: 100, resetMs: 1 })

  answer = async () => { throw new Error('gone') }
  t.match(await hit('a', 60_000), { count: 1 })
  t.match(await hit('a', 60_000), { count: 2 })
  t.equal(asked.length, 2, 'it is left alone for a while')
  at = 5_000
  answer = async () => await sleep(10_000, { count: 1, resetMs: 1 }, { ref: false })
  t.match(await hit('a', 60_000), { count: 3 }, 'one that does not answer is as good as gone')
  t.match(warnings, [{ message: 'gone' }], 'one warning a minute')
  at = 60_000
  t.match(await hit('a', 60_000), { count: 1 })
  t.match(warnings, [{ message: 'gone' }, { message: 'no answer within 20 ms' }])
  at = 65_000
  answer = async () => ({ count: 7, resetMs: 1 })
  t.match(await hit('a', 60_000), { count: 7 }, 'and back')
})

t.test('a client is an IPv4 address or an IPv6 network', (t) => {
  for (const [address, client] of [
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['192.0.2.7:4711', '192.0.2.7'],
    ['[2001:db8:1:2::1]:4711', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::1]', '2001:db8:1:2::/64'],
    ['', 'unknown'],
    ['somebody', 'unknown']
  ] as const) { t.equal(clientOf(address), client, address) }
  t.end()
})
