import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { mapAtMost, Semaphore, type Acquisition } from '../../src/limits/semaphore.ts'

const release = (acquisition: Acquisition): void => {
  if ('refused' in acquisition) throw new Error(acquisition.refused)
  acquisition.release()
}

t.test('slots are bounded in all and for each key, and a slot is released once', async (t) => {
  const semaphore = new Semaphore({ slots: 3, slotsPerKey: 2 })
  const [first, second] = [semaphore.tryAcquire('a'), semaphore.tryAcquire('a')]
  t.same(semaphore.tryAcquire('a'), { refused: 'key-full' })
  const third = semaphore.tryAcquire('b')
  t.same(semaphore.tryAcquire('b'), { refused: 'full' })
  t.equal(semaphore.held, 3)
  release(first)
  release(first)
  t.ok('release' in semaphore.tryAcquire('a'))
  t.same(semaphore.tryAcquire('c'), { refused: 'full' }, 'a second release of the same slot frees nothing')
  release(second)
  release(third)
  t.ok('release' in semaphore.tryAcquire('c'))
})

t.test('waiting acquisitions get slots in the order of their arrival, before new ones', async (t) => {
  const semaphore = new Semaphore({ slots: 1, maxWaiting: 2 })
  const order: string[] = []
  const slot = await semaphore.acquire()
  const second = semaphore.acquire().then((next) => { order.push('second'); return next })
  const third = semaphore.acquire().then((next) => { order.push('third'); return next })
  t.same(await semaphore.acquire(), { refused: 'full' }, 'no more may wait')
  t.equal(semaphore.waiting, 2)
  release(slot)
  t.same(semaphore.tryAcquire(), { refused: 'full' }, 'the slot has gone to the one that waited')
  release(await second)
  release(await third)
  t.same(order, ['second', 'third'])
  t.match(semaphore, { held: 0, waiting: 0 })
})

t.test('each key has its own queue', async (t) => {
  const semaphore = new Semaphore({ slots: Infinity, slotsPerKey: 1, maxWaiting: 1 })
  const [a, b] = [await semaphore.acquire('a'), await semaphore.acquire('b')]
  const order: string[] = []
  const nextOfA = semaphore.acquire('a').then((slot) => { order.push('a'); return slot })
  const nextOfB = semaphore.acquire('b').then((slot) => { order.push('b'); return slot })
  t.same(await semaphore.acquire('a'), { refused: 'key-full' })
  release(b)
  release(await nextOfB)
  t.same(order, ['b'], 'a slot of b is no slot for a')
  release(a)
  release(await nextOfA)
  t.match(semaphore, { held: 0, waiting: 0 })
})

t.test('a wait ends by its limit or from outside, and takes no slot later', async (t) => {
  const semaphore = new Semaphore({ slots: 1, maxWaitMs: 1 })
  const slot = await semaphore.acquire()
  t.same(await semaphore.acquire(), { refused: 'timeout' })

  const patient = new Semaphore({ slots: 1, maxWaitMs: 60_000 })
  const held = await patient.acquire()
  const listeners: ((() => void) | null)[] = []
  const waiting = patient.acquire('', { onEnd: (listener) => { listeners.push(listener) } })
  await turn()
  listeners[0]?.()
  t.same(await waiting, { refused: 'ended' })
  t.equal(listeners.at(-1), null, 'its listener is removed')

  const ended = patient.acquire('', { onEnd: (listener) => { listener?.() } })
  t.same(await ended, { refused: 'ended' }, 'what has ended before does not wait')
  for (const [of, one] of [[semaphore, slot], [patient, held]] as const) {
    release(one)
    t.match(of, { held: 0, waiting: 0 })
    t.ok('release' in await of.acquire())
  }
})

t.test('work that fails releases its slot', async (t) => {
  const semaphore = new Semaphore({ slots: 1 })
  await t.rejects(semaphore.run(async () => { throw new Error('no') }), /no/)
  t.equal(await semaphore.run(async () => 'done'), 'done')
  t.equal(semaphore.held, 0)
})

t.test('items are mapped at most so many at once, and the results keep their order', async (t) => {
  let atWork = 0
  let most = 0
  const results = await mapAtMost([5, 1, 4, 2, 3], 2, async (n) => {
    atWork += 1
    most = Math.max(most, atWork)
    for (let i = 0; i < n; i += 1) await turn()
    atWork -= 1
    return n * 10
  })
  t.same(results, [50, 10, 40, 20, 30])
  t.equal(most, 2)
  await t.rejects(mapAtMost([1], 4, async () => { throw new Error('no') }), /no/)
  t.same(await mapAtMost([], 4, async () => 1), [])
})
