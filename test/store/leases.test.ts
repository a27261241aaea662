import type { Begun } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { claim, endOf, testEveryStore, TICK_MS } from './every-store.ts'
import { claimed } from './fixture.ts'

testEveryStore((test) => {
  test('a lease that ran out passes the key on, and the late owner changes nothing more', async (t, fixture) => {
    const store = await fixture.open({ leaseMs: 400 })
    const late = await claim(store, 'k')
    await store.mark(late, { as: 'sent', fingerprint: 'fp', note: 'first' })
    let second: Begun = { kind: 'in-flight' }
    await until(async () => (second = await store.begin('k', 'fp')).kind !== 'in-flight', 'the lease to run out')
    t.match(second, { kind: 'claimed', earlier: { note: 'first' } })
    t.equal(await store.renew(late), false)
    t.equal(await store.mark(late, { as: 'sent', fingerprint: 'fp', note: 'late' }), false)
    t.equal(await store.complete(late, 'fp', 'late'), false)
    await store.release(late, false)
    t.ok(claimed(second).fence > late.fence, 'the fence has grown')
    t.equal(await store.complete(claimed(second), 'fp', 'second'), true)
    t.match(await store.begin('k', 'fp'), { kind: 'done', answer: 'second' })
  })

  test('a lease that is renewed does not run out', async (t, fixture) => {
    const store = await fixture.open({ leaseMs: 2_000 })
    const ours = await claim(store, 'k')
    const end = Date.now() + 2_500
    while (Date.now() < end) {
      t.equal(await store.renew(ours), true)
      t.match(await store.begin('k', 'fp'), { kind: 'in-flight' })
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    t.equal(await store.complete(ours, 'fp', 'answer'), true)
  })

  test('a claim that was never marked is gone with its lease, whatever the fingerprint', async (_t, fixture) => {
    const store = await fixture.open({ leaseMs: 400 })
    await claim(store, 'k')
    await until(async () => (await store.begin('k', 'other')).kind === 'claimed', 'the lease to run out')
  })

  test('what is kept is forgotten after its time', async (t, fixture) => {
    const store = await fixture.open({ keepMs: 2_000, leaseMs: 100 })
    const startedAt = performance.now()
    await store.complete(await claim(store, 'done'), 'fp', 'answer')
    const sent = await claim(store, 'sent')
    await store.mark(sent, { as: 'sent', fingerprint: 'fp' })
    await store.release(sent, true)
    const markedBy = performance.now()
    t.match(await store.begin('done', 'fp'), { kind: 'done' })
    const done = await endOf(store, 'done')
    // A store counts whole milliseconds of another clock.
    t.ok(performance.now() - startedAt >= 1_998, 'not before')
    const { last, heldAt } = await endOf(store, 'sent')
    t.match(last, { earlier: null })
    t.ok(Math.max(done.heldAt, heldAt) < markedBy + 2_000 + TICK_MS, 'nor long after')
  })

  test('hits are counted within their window, and from nothing in the next', async (t, fixture) => {
    const store = await fixture.open()
    const first = await store.hit('k', 1_500)
    t.equal(first.count, 1)
    t.ok(first.resetMs > 0 && first.resetMs <= 1_500, `${first.resetMs} ms`)
    t.equal((await store.hit('k', 1_500, 5)).count, 6)
    t.equal((await store.hit('other', 1_500)).count, 1)
    const all = await Promise.all(Array.from({ length: 20 }, async () => await store.hit('many', 10_000)))
    t.same(all.map(({ count }) => count).sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1))
    await new Promise(resolve => setTimeout(resolve, first.resetMs + 5))
    t.match(await store.hit('k', 1_500), { count: 1 })
  })

  test('it says that it is well, and after its end that it is not', async (t, fixture) => {
    const store = await fixture.open()
    await store.health()
    await store.close()
    await t.rejects(store.health(), { name: 'StoreUnavailableError' })
    await t.rejects(store.begin('k', 'fp'), { name: 'StoreUnavailableError' })
  })
})
