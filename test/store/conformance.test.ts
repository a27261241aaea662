import { MAX_ANSWER_BYTES, type Begun } from '../../src/store/store.ts'
import { until } from '../helper.ts'
import { claim, endOf, testEveryStore, TICK_MS } from './every-store.ts'
import { claimed } from './fixture.ts'

testEveryStore((test) => {
  test('of fifty at once one wins, and the others hear that it is under way', async (t, fixture) => {
    const store = await fixture.open()
    const kinds = (await Promise.all(Array.from({ length: 50 }, async () => await store.begin('k', 'fp')))).map(
      ({ kind }) => kind
    )
    t.equal(kinds.filter(kind => kind === 'claimed').length, 1)
    t.equal(kinds.filter(kind => kind === 'in-flight').length, 49)
  })

  test('what is under way or done is known by its fingerprint', async (t, fixture) => {
    const store = await fixture.open()
    const ours = await claim(store, 'k')
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    t.match(await store.begin('k', null), { kind: 'in-flight' }, 'who does not know theirs yet')
    t.equal(await store.complete(ours, 'fp', 'answer'), true)
    t.match(await store.begin('k', 'other'), { kind: 'mismatch' })
    t.same(await store.begin('k', 'fp'), { kind: 'done', fingerprint: 'fp', answer: 'answer' })
    t.same(await store.begin('k', null), { kind: 'done', fingerprint: 'fp', answer: 'answer' })
    t.match(await store.begin('K', 'other'), { kind: 'claimed' }, 'another key is another key')
  })

  test('an answer comes back as it was, to the largest, and survives a restart', async (t, fixture) => {
    const answers = ['', '{"a":1}', '\u0000 ü 漢字 🜲 "quoted" \\ \r\n \u2028', 'é'.repeat(MAX_ANSWER_BYTES / 2)]
    const store = await fixture.open()
    for (const [i, answer] of answers.entries()) {
      t.equal(await store.complete(await claim(store, `k${i}`), 'fp', answer), true)
    }
    await t.rejects(store.complete(await claim(store, 'large'), 'fp', 'x'.repeat(MAX_ANSWER_BYTES + 1)), RangeError)
    const again = await fixture.open()
    for (const [i, answer] of answers.entries()) {
      const begun = await again.begin(`k${i}`, 'fp')
      t.ok(begun.kind === 'done' && begun.answer === answer, `answer ${i}`)
    }
  })

  test('keys of any form are their own', async (t, fixture) => {
    const store = await fixture.open()
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

  test('a claim given up before anything was sent leaves no trace', async (t, fixture) => {
    const store = await fixture.open()
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

  test('what was sent stays sent, with what was noted, until it is done', async (t, fixture) => {
    const store = await fixture.open()
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

  test('a mark that came to nothing gives the key back as it was: time, note and end', async (t, fixture) => {
    const store = await fixture.open({ keepMs: 3_000 })
    const first = await claim(store, 'k')
    await store.mark(first, { as: 'sent', fingerprint: 'fp', note: 'first' })
    const markedBy = performance.now()
    await store.release(first, true)
    const second = await store.begin('k', 'fp')
    const sentAt = second.kind === 'claimed' ? second.earlier?.sentAt : undefined
    await until(() => performance.now() > markedBy + 1_000, 'a while')
    for (const [as, note] of [['sent', 'second'], ['ran', 'third'], ['sent', null]] as const) {
      t.equal(await store.mark(claimed(second), { as, fingerprint: 'fp', note }), true)
    }
    await store.release(claimed(second), false)
    const third = await store.begin('k', 'fp')
    t.match(third, { kind: 'claimed', fingerprint: 'fp', earlier: { sentAt, note: 'first' } })
    t.ok(third.kind === 'claimed' && third.earlier!.ageMs >= 999, 'as old as it is')
    await store.release(claimed(third), false)
    const { last, heldAt } = await endOf(store, 'k')
    t.match(last, { earlier: null })
    t.ok(heldAt < markedBy + 3_000 + TICK_MS, 'the mark that came to nothing did not make it longer')
  })

  test('of two marks in one claim, and of a lease that ran out, the last mark stays', async (t, fixture) => {
    const store = await fixture.open({ leaseMs: 400 })
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

  test('how old an attempt is depends on no wall clock of ours, before and after a restart', async (t, fixture) => {
    let skewMs = 0
    const now = (): number => Date.now() + skewMs
    const store = await fixture.open({ now })
    const from = performance.now()
    const first = await claim(store, 'k')
    await store.mark(first, { as: 'sent', fingerprint: 'fp' })
    await store.release(first, true)
    const marked = performance.now()
    await until(() => performance.now() > marked + 30, 'a while')
    for (const [whose, at] of [['the same', store], ['another', null]] as const) {
      for (skewMs of [0, 600_000, -600_000]) {
        const view = at ?? await fixture.open({ now })
        const begun = await view.begin('k', 'fp')
        const ageMs = begun.kind === 'claimed' ? begun.earlier?.ageMs ?? NaN : NaN
        const what = `${whose} process, ${skewMs} ms: ${ageMs} ms`
        t.ok(ageMs >= 0 && ageMs <= performance.now() - from + 1, what)
        if (at !== null) t.ok(ageMs >= 29, what)
        await view.release(claimed(begun), false)
      }
    }
  })

  test('what ran may run again, with the same fingerprint', async (t, fixture) => {
    const store = await fixture.open()
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
})
