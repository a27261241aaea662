import t, { type Test } from 'tap'
import { MAX_ANSWER_BYTES, type Begun, type Claim, type StateStore } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { noRedis, startRedis } from './redis.ts'
import { claimed, embeddedStage, redisStage, type Stage } from './stage.ts'

/** What every store must do, whatever is behind it. */
const STAGES: ((t: Test) => Stage | Promise<Stage>)[] = [embeddedStage]
if (noRedis === null) STAGES.push(redisStage(await startRedis(t)))
else t.comment(`redis ${noRedis}`)

const claim = async (store: StateStore, key: string, fingerprint: string | null = 'fp'): Promise<Claim> =>
  claimed(await store.begin(key, fingerprint))

for (const makeStage of STAGES) {
  const { name } = await makeStage(t)
  const test = (what: string, work: (t: Test, stage: Stage) => Promise<void>): void => {
    void t.test(`${name}: ${what}`, async (t) => { await work(t, await makeStage(t)) })
  }

  test('of fifty at once one wins, and the others hear that it is under way', async (t, stage) => {
    const store = await stage.open()
    const kinds = (await Promise.all(Array.from({ length: 50 }, async () => await store.begin('k', 'fp')))).map(
      ({ kind }) => kind
    )
    t.equal(kinds.filter(kind => kind === 'claimed').length, 1)
    t.equal(kinds.filter(kind => kind === 'in-flight').length, 49)
  })

  test('what is under way or done is known by its fingerprint', async (t, stage) => {
    const store = await stage.open()
    const ours = await claim(store, 'k')
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    t.match(await store.begin('k', null), { kind: 'in-flight' }, 'who does not know theirs yet')
    t.equal(await store.complete(ours, 'fp', 'answer'), true)
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    t.same(await store.begin('k', 'fp'), { kind: 'done', fingerprint: 'fp', answer: 'answer' })
    t.same(await store.begin('k', null), { kind: 'done', fingerprint: 'fp', answer: 'answer' })
    t.match(await store.begin('K', 'other'), { kind: 'claimed' }, 'another key is another key')
  })

  test('an answer comes back as it was, to the largest, and survives a restart', async (t, stage) => {
    const answers = ['', '{"a":1}', '\u0000 ü 漢字 🜲 "quoted" \\ \r\n \u2028', 'é'.repeat(MAX_ANSWER_BYTES / 2)]
    const store = await stage.open()
    for (const [i, answer] of answers.entries()) {
      t.equal(await store.complete(await claim(store, `k${i}`), 'fp', answer), true)
    }
    await t.rejects(store.complete(await claim(store, 'large'), 'fp', 'x'.repeat(MAX_ANSWER_BYTES + 1)), RangeError)
    const again = await stage.open()
    for (const [i, answer] of answers.entries()) {
      const begun = await again.begin(`k${i}`, 'fp')
      t.ok(begun.kind === 'done' && begun.answer === answer, `answer ${i}`)
    }
  })

  test('keys of any form are their own', async (t, stage) => {
    const store = await stage.open()
    const keys = [
      '',
      ' ',
      'a',
      'a:',
      'a:b',
      '{a}',
      '{a}b',
      'a\u0000',
      'a\u0000b',
      '🜲',
      'x'.repeat(4096),
      'x'.repeat(4097),
      'owner',
      'due'
    ]
    for (const key of keys) t.match(await store.begin(key, 'fp'), { kind: 'claimed' }, JSON.stringify(key.slice(0, 20)))
    for (const key of keys) t.match(await store.begin(key, 'fp'), { kind: 'in-flight' })
    for (const key of keys) t.equal((await store.hit(key, 60_000)).count, 1)
  })

  test('a claim given up before anything was sent leaves no trace', async (t, stage) => {
    const store = await stage.open()
    await store.release(await claim(store, 'k'), false)
    const second = await store.begin('k', 'other')
    t.match(second, { kind: 'claimed', fingerprint: null, earlier: null })
    t.equal(await store.mark(claimed(second), { as: 'sent', fingerprint: 'other' }), true)
    await store.release(claimed(second), false)
    t.match(
      await store.begin('k', 'third'),
      { kind: 'claimed', fingerprint: null, earlier: null },
      'nor one whose mark came to nothing'
    )
  })

  test('what was sent stays sent, with what was noted, until it is done', async (t, stage) => {
    const store = await stage.open()
    const before = Date.now()
    const first = await claim(store, 'k', null)
    t.equal(await store.mark(first, { as: 'sent', fingerprint: 'fp', note: '{"status":"ready"}' }), true)
    t.match(await store.begin('k', 'fp'), { kind: 'in-flight' })
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    await store.release(first, true)
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    const second = await store.begin('k', 'fp')
    t.match(second, { kind: 'claimed', fingerprint: 'fp', earlier: { note: '{"status":"ready"}' } })
    const sentAt = second.kind === 'claimed' ? second.earlier?.sentAt.getTime() ?? 0 : 0
    t.ok(sentAt >= before - 1 && sentAt <= Date.now() + 1, 'and when')
    await store.release(claimed(second), false)
    const third = await store.begin('k', 'fp')
    t.match(third, { kind: 'claimed', earlier: { note: '{"status":"ready"}' } }, 'a later look changes nothing of it')
    t.equal(await store.complete(claimed(third), 'fp', 'found'), true)
    t.match(await store.begin('k', 'fp'), { kind: 'done', answer: 'found' })
  })

  test('a mark that came to nothing gives the key back as it was: time, note and end', async (t, stage) => {
    const store = await stage.open({ keepMs: 3_000 })
    const startedAt = performance.now()
    const first = await claim(store, 'k')
    await store.mark(first, { as: 'sent', fingerprint: 'fp', note: 'first' })
    await store.release(first, true)
    const second = await store.begin('k', 'fp')
    const sentAt = second.kind === 'claimed' ? second.earlier?.sentAt : undefined
    await until(() => performance.now() > startedAt + 1_000, 'a while')
    for (const [as, note] of [['sent', 'second'], ['ran', 'third'], ['sent', null]] as const) {
      t.equal(await store.mark(claimed(second), { as, fingerprint: 'fp', note }), true)
    }
    await store.release(claimed(second), false)
    const third = await store.begin('k', 'fp')
    t.match(third, { kind: 'claimed', fingerprint: 'fp', earlier: { sentAt, note: 'first' } })
    t.ok(third.kind === 'claimed' && third.earlier!.ageMs >= 999, 'as old as it is')
    await store.release(claimed(third), false)
    let last: Begun = { kind: 'in-flight' }
    await until(async () => (last = await store.begin('k', 'other')).kind === 'claimed', 'its end', 10_000)
    t.match(last, { earlier: null })
    t.ok(performance.now() - startedAt < 3_900, 'the mark that came to nothing did not make it longer')
  })

  test('of two marks in one claim, and of a lease that ran out, the last mark stays', async (t, stage) => {
    const store = await stage.open({ leaseMs: 80 })
    const first = await claim(store, 'k')
    await store.mark(first, { as: 'sent', fingerprint: 'fp', note: 'first' })
    await store.release(first, true)
    const late = await claim(store, 'k')
    await store.mark(late, { as: 'sent', fingerprint: 'fp', note: 'second' })
    let next: Begun = { kind: 'in-flight' }
    await until(async () => (next = await store.begin('k', 'fp')).kind !== 'in-flight', 'the lease to run out')
    t.match(next, { earlier: { note: 'second' } })
    await store.mark(claimed(next), { as: 'sent', fingerprint: 'fp', note: 'third' })
    await store.release(claimed(next), false)
    const after = await store.begin('k', 'fp')
    t.match(after, { earlier: { note: 'second' } }, 'not the one before it')
    await store.mark(claimed(after), { as: 'sent', fingerprint: 'fp', note: 'fourth' })
    await store.release(claimed(after), true)
    t.match(await store.begin('k', 'fp'), { earlier: { note: 'fourth' } })
  })

  test('how old an attempt is depends on no wall clock of ours, before and after a restart', async (t, stage) => {
    let skewMs = 0
    const now = (): number => Date.now() + skewMs
    const store = await stage.open({ now })
    const from = performance.now()
    const first = await claim(store, 'k')
    await store.mark(first, { as: 'sent', fingerprint: 'fp' })
    await store.release(first, true)
    const marked = performance.now()
    await until(() => performance.now() > marked + 30, 'a while')
    for (const [whose, at] of [['the same', store], ['another', null]] as const) {
      for (skewMs of [0, 600_000, -600_000]) {
        const view = at ?? await stage.open({ now })
        const begun = await view.begin('k', 'fp')
        const ageMs = begun.kind === 'claimed' ? begun.earlier?.ageMs ?? NaN : NaN
        const what = `${whose} process, ${skewMs} ms: ${ageMs} ms`
        t.ok(ageMs >= 0 && ageMs <= performance.now() - from + 1, what)
        if (at !== null) t.ok(ageMs >= 29, what)
        await view.release(claimed(begun), false)
      }
    }
  })

  test('what ran may run again, with the same fingerprint', async (t, stage) => {
    const store = await stage.open()
    const first = await claim(store, 'k', null)
    await store.mark(first, { as: 'ran', fingerprint: 'fp' })
    t.match(await store.begin('k', null), { kind: 'in-flight' })
    await store.release(first, true)
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    const second = await store.begin('k', null)
    t.match(second, { kind: 'claimed', fingerprint: 'fp', earlier: null })
    await store.release(claimed(second), false)
    t.match(await store.begin('k', null), { kind: 'claimed', fingerprint: 'fp' })
  })

  test('a lease that ran out passes the key on, and the late owner changes nothing more', async (t, stage) => {
    const store = await stage.open({ leaseMs: 80 })
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

  test('a lease that is renewed does not run out', async (t, stage) => {
    const store = await stage.open({ leaseMs: 200 })
    const ours = await claim(store, 'k')
    const end = Date.now() + 600
    while (Date.now() < end) {
      t.equal(await store.renew(ours), true)
      t.match(await store.begin('k', 'fp'), { kind: 'in-flight' })
      await new Promise(resolve => setTimeout(resolve, 40))
    }
    t.equal(await store.complete(ours, 'fp', 'answer'), true)
  })

  test('a claim that was never marked is gone with its lease, whatever the fingerprint', async (_t, stage) => {
    const store = await stage.open({ leaseMs: 80 })
    await claim(store, 'k')
    await until(async () => (await store.begin('k', 'other')).kind === 'claimed', 'the lease to run out')
  })

  test('what is kept is forgotten after its time', async (t, stage) => {
    const store = await stage.open({ keepMs: 1_000, leaseMs: 100 })
    const startedAt = Date.now()
    await store.complete(await claim(store, 'done'), 'fp', 'answer')
    const sent = await claim(store, 'sent')
    await store.mark(sent, { as: 'sent', fingerprint: 'fp' })
    await store.release(sent, true)
    t.match(await store.begin('done', 'fp'), { kind: 'done' })
    await until(async () => (await store.begin('done', 'other')).kind === 'claimed', 'the end of its time')
    t.ok(Date.now() - startedAt >= 1_000, 'not before')
    t.ok(Date.now() - startedAt < 3_000, 'nor long after')
    let sentNow: Begun = { kind: 'in-flight' }
    await until(async () => (sentNow = await store.begin('sent', 'other')).kind === 'claimed', 'the end of the other')
    t.match(sentNow, { earlier: null })
  })

  test('hits are counted within their window, and from nothing in the next', async (t, stage) => {
    const store = await stage.open()
    const first = await store.hit('k', 400)
    t.equal(first.count, 1)
    t.ok(first.resetMs > 0 && first.resetMs <= 400, `${first.resetMs} ms`)
    t.equal((await store.hit('k', 400, 5)).count, 6)
    t.equal((await store.hit('other', 400)).count, 1)
    const all = await Promise.all(Array.from({ length: 20 }, async () => await store.hit('many', 10_000)))
    t.same(all.map(({ count }) => count).sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i + 1))
    await new Promise(resolve => setTimeout(resolve, first.resetMs + 5))
    t.match(await store.hit('k', 400), { count: 1 })
  })

  test('it says that it is well, and after its end that it is not', async (t, stage) => {
    const store = await stage.open()
    await store.health()
    await store.close()
    await t.rejects(store.health(), { name: 'StoreUnavailableError' })
    await t.rejects(store.begin('k', 'fp'), { name: 'StoreUnavailableError' })
  })
}
