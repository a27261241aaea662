import t from 'tap'
import { closeRecords } from '../../src/closing/close-records.ts'
import { reset, timeout, unreachable } from '../usage/failures.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import {
  FakeConnect, NO_DEFAULTS, collect, countTurns, idOf, many, memoryPlace, recordOf, run, spooled, words
} from './fixture.ts'

t.test('each record is closed once and has one outcome with its index', async (t) => {
  const connect = new FakeConnect()
  const { outcomes, summary } = await run(connect, many(10))
  t.same(outcomes, many(10).map(({ id }, index) => ({ outcome: 'closed', id, index })))
  t.same(summary, { requested: 10, closed: 10, refused: 0, unknown: 0 })
  t.same(connect.batches.map(({ length }) => length), [4, 4, 2])
  t.equal(connect.mostRunning, 2)
  t.equal(connect.reads.length, 0)
})

t.test('other requests run while a large batch is prepared', async (t) => {
  const endCount = countTurns()
  const { summary } = await run(new FakeConnect(), many(6_400), { batchSize: 3_200 })
  const turns = endCount()
  t.equal(summary.closed, 6_400)
  t.ok(turns >= 90, `${turns} turns of the event loop, for two calls to Connect`)
})

t.test('a record without billing fields gets the defaults of the request', async (t) => {
  const connect = new FakeConnect()
  const list = [{ ...recordOf(0), externalBillingId: null }, { ...recordOf(1), externalBillingNote: '' }]
  await run(connect, list, {}, { externalBillingId: 'DEF', externalBillingNote: 'n' })
  t.same(connect.batches[0], [
    { id: idOf(0), external_billing_id: 'DEF', external_billing_note: 'n' },
    { id: idOf(1), external_billing_id: 'INV-1', external_billing_note: '' }
  ])
})

t.test('one hanging batch does not delay the others', async (t) => {
  const connect = new FakeConnect()
  let release = (): void => {}
  const hung = new Promise<void>((resolve) => { release = resolve })
  connect.script = async (batch, call) => {
    if (call !== 2) return connect.close(batch)
    await hung
    throw timeout()
  }
  const outcomes = closeRecords(await spooled(many(40)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  let seen = 0
  while (seen < 36) seen += ((await outcomes.next()).value as unknown[]).length
  t.equal(connect.batches.length, 10)
  release()
  const { summary } = await collect(outcomes)
  t.same(summary, { requested: 40, closed: 40, refused: 0, unknown: 0 })
})

t.test('no more calls are made when Connect gives no usable answer for the patience time', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call <= 3) return connect.close(batch)
    throw call % 2 === 0 ? unreachable() : reset()
  }
  connect.onRead = () => { throw timeout() }
  const result = await run(connect, many(4000), { patienceMs: 300 })
  t.equal(result.summary.closed, 12)
  t.equal(result.summary.requested, 4000)
  t.ok(connect.batches.length < 15, `${connect.batches.length} calls`)
  t.ok(connect.reads.length < 60, `${connect.reads.length} reads`)
  t.same(new Set(words(result)), new Set(['closed', 'OUTCOME_UNKNOWN', 'UPSTREAM_UNREACHABLE']))
})

t.test('an id that comes twice is sent once', async (t) => {
  const connect = new FakeConnect()
  connect.script = batch =>
    connect
      .close(batch.filter(({ id }) => id !== idOf(1)))
      .concat(batch.some(({ id }) => id === idOf(1)) ? [{ id: idOf(1), error_details: 'No.' }] : [])
  const note = (n: number, externalBillingNote: string): object => ({ ...recordOf(n), externalBillingNote })
  const list = [
    recordOf(0),
    recordOf(1),
    recordOf(0),
    recordOf(0, 'OTHER'),
    note(0, 'n'),
    { ...recordOf(0), externalBillingId: null },
    recordOf(1),
    recordOf(2),
    recordOf(1, 'OTHER')
  ] as ReturnType<typeof recordOf>[]
  const result = await run(connect, list, {}, { externalBillingId: 'INV-1', externalBillingNote: null })
  t.same(words(result), [
    'closed',
    'CONNECT_REJECTED',
    'closed',
    'DUPLICATE_ID',
    'DUPLICATE_ID',
    'closed',
    'CONNECT_REJECTED',
    'closed',
    'DUPLICATE_ID'
  ])
  t.same(result.outcomes.map(({ index }) => index), [0, 1, 2, 3, 4, 5, 6, 7, 8])
  t.same(connect.batches.flat().map(({ id }) => id).sort(), [idOf(0), idOf(1), idOf(2)])
  t.same(result.summary, { requested: 9, closed: 4, refused: 5, unknown: 0 })
})

t.test('repeated ids in any order are read from disk by blocks, not one by one', async (t) => {
  const place = memoryPlace()
  let rounds = 0
  let running = 0
  const records = new SpooledRecords({
    ...place,
    readAt: async (position, length) => {
      if ((running += 1) === 1) rounds += 1
      await new Promise(setImmediate)
      running -= 1
      return await place.readAt(position, length)
    }
  })
  const list = many(6400)
  // 97 and 6400 have no common factor: every stretch is far from the last one.
  for (let n = 0; n < 6400; n++) list.push(recordOf(n * 97 % 6400, n % 5 === 0 ? 'OTHER' : 'INV-1'))
  for (const record of list) records.append(record)
  const result = await collect(
    closeRecords(records, NO_DEFAULTS, new FakeConnect().steps, { batchSize: 500, concurrency: 4 })
  )
  t.same(result.summary, { requested: 12_800, closed: 11_520, refused: 1280, unknown: 0 })
  t.ok(rounds < 300, `${rounds} times for 6400 repetitions`)
})

t.test('a consumer that stops early ends the sending, and leaves no unhandled rejection', async (t) => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => { unhandled.push(error) }
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const connect = new FakeConnect()
  const outcomes = closeRecords(await spooled(many(400)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  await outcomes.next()
  await outcomes.return({ requested: 0, closed: 0, refused: 0, unknown: 0 })
  const sent = connect.batches.length
  t.ok(sent <= 4, `${sent} calls`)
  t.equal(connect.running, 0, 'what was sent has been seen through')
  const failing = new FakeConnect()
  failing.script = () => { throw new TypeError('ours') }
  await t.rejects(run(failing, many(40)), { message: 'ours' })
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  t.same([connect.batches.length, unhandled], [sent, []])
})

t.test('at most `concurrency` batches wait for a consumer that reads slowly', async (t) => {
  const connect = new FakeConnect()
  const outcomes = closeRecords(await spooled(many(200)), NO_DEFAULTS, connect.steps, { batchSize: 4, concurrency: 3 })
  let taken = 0
  for (;;) {
    const { done } = await outcomes.next()
    if (done === true) break
    taken += 1
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    if (connect.batches.length > taken + 3) t.fail(`${connect.batches.length} sent, ${taken} taken`)
  }
  t.equal(taken, 50)
})
