import t from 'tap'
import { createMutex } from '../../src/limits/mutex.ts'

t.test('one at a time holds a key, in the order of arrival', async (t) => {
  const { enter } = createMutex({ maxWaiting: 2, maxWaitMs: 60_000 })
  const order: string[] = []
  const leave = await enter('a')
  const second = enter('a').then((next) => { order.push('second'); return next })
  const third = enter('a').then((next) => { order.push('third'); return next })
  t.equal(await enter('a'), null, 'no more may wait')
  const other = await enter('b')
  t.ok(other, 'another key is another queue')
  t.same(order, [])
  leave?.()
  const next = await second
  t.same(order, ['second'])
  t.equal(typeof enter('a').then, 'function', 'a place to wait is free again')
  next?.()
  ;(await third)?.()
  t.same(order, ['second', 'third'])
})

t.test('a key that was left is free, and holds no memory of those before', async (t) => {
  const { enter } = createMutex({ maxWaiting: 0, maxWaitMs: 60_000 })
  for (let turn = 0; turn < 3; turn += 1) {
    const leave = await enter('a')
    t.ok(leave)
    t.equal(await enter('a'), null)
    leave?.()
  }
})

t.test('a wait that is too long ends without the key, and is not given it later', async (t) => {
  const { enter } = createMutex({ maxWaiting: 5, maxWaitMs: 1 })
  const leave = await enter('a')
  t.equal(await enter('a'), null)
  leave?.()
  t.ok(await enter('a'))
})
