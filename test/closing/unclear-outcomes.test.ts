import t from 'tap'
import { closeRecords } from '../../src/closing/close-records.ts'
import { CloseProgress } from '../../src/closing/progress.ts'
import { garbage, response, throttledPage } from '../usage/failures.ts'
import {
  FakeConnect, NO_DEFAULTS, collect, idOf, many, run, spooled, throttled, words, type Script
} from './fixture.ts'
import { UNCLEAR_CALLS } from './unclear-calls.ts'
import { UNCLEAR_ROWS } from './unclear-rows.ts'

t.test('records that Connect\'s answer leaves open are read back', async (t) => {
  for (const [name, { prepare, outcome, sends }] of Object.entries({ ...UNCLEAR_ROWS, ...UNCLEAR_CALLS })) {
    const connect = new FakeConnect()
    prepare(connect)
    const { outcomes, summary } = await run(connect, many(1))
    t.match(outcomes, [{ ...outcome, id: idOf(0), index: 0 }], name)
    t.equal(connect.batches.length, sends, `${name}: calls`)
    t.equal(summary.closed + summary.refused + summary.unknown, 1)
  }
})

t.test('`already` is left out where a call of this service may have closed the record', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    const rows = connect.close(batch)
    if (call === 1) throw response(400, 'Not so.')
    return rows
  }
  const { outcomes } = await run(connect, many(4))
  t.same(outcomes, many(4).map(({ id }, index) => ({ id, index, outcome: 'closed' })))
  t.equal(connect.batches.length, 3, 'the whole batch, then its halves')
  const single = new FakeConnect()
  single.script = (batch) => { single.close(batch); throw response(409, 'Not so.') }
  t.same((await run(single, many(1))).outcomes, [{ id: idOf(0), index: 0, outcome: 'closed' }])
})

t.test('a credential that may neither close nor read leaves records of an earlier request unknown', async (t) => {
  for (const status of [401, 403]) {
    const connect = new FakeConnect()
    connect.close(many(8).map(({ id }) => ({ id, external_billing_id: 'INV-1' })))
    connect.script = () => { throw response(status) }
    connect.onRead = () => { throw response(status) }
    const result = await run(connect, many(8))
    t.same(words(result), Array(8).fill('OUTCOME_UNKNOWN'), String(status))
    t.equal(connect.reads.length, 2, 'one read a batch')
  }
})

t.test('records are counted as unknown after a fault of this service that follows the send', async (t) => {
  const progress = new CloseProgress()
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call === 1) return connect.close(batch)
    throw new TypeError('ours')
  }
  await t.rejects(run(connect, many(20), { progress, concurrency: 1 }), { message: 'ours' })
  t.same(progress.now(), { closed: 4, refused: 0, unknown: 4, interrupted: 0, inDoubt: 0 })
  const unsent = new CloseProgress()
  const failing = { ...new FakeConnect().steps, bulkClose: async () => { throw new TypeError('ours') } }
  const options = { batchSize: 4, concurrency: 1, progress: unsent }
  await t.rejects(collect(closeRecords(await spooled(many(4)), NO_DEFAULTS, failing, options)), { message: 'ours' })
  t.same(unsent.now(), { closed: 0, refused: 0, unknown: 0, interrupted: 0, inDoubt: 0 })
})

t.test('a record with another billing id is unknown, unless Connect refused it', async (t) => {
  const rows = (row: object): Script => batch => batch.map(({ id }) => ({ id, ...row }))
  for (const [script, inDoubt] of [
    [rows({ error_details: 'already closed' }), 0],
    [rows({ status: 'closed', external_billing_id: 'inv-1' }), 3],
    [() => { throw response(403) }, 3],
    [() => { throw response(500) }, 3]
  ] as const) {
    const connect = new FakeConnect()
    connect.close(many(3).map(({ id }) => ({ id, external_billing_id: 'inv-1' })))
    connect.script = script
    const progress = new CloseProgress()
    t.same(new Set(words(await run(connect, many(3), { progress }))), new Set(['BILLING_CONFLICT']))
    t.same(progress.now(), { closed: 0, refused: 3, unknown: 0, interrupted: 0, inDoubt })
  }
})

t.test('every record of a call that Connect refuses for the account is read back', async (t) => {
  const refused = new FakeConnect()
  refused.file = many(24).map(({ id }) => id)
  refused.script = () => { throw response(403) }
  t.same(new Set(words(await run(refused, many(24), { batchSize: 12 }))), new Set(['CONNECT_FORBIDDEN']))
  t.same([refused.reads.length, refused.pages], [4, 2], 'the first record, another one for its file, and one page')
  const done = new FakeConnect()
  done.script = (batch) => { done.close(batch.slice(1, 3)); throw response(403) }
  done.onRead = id => id === idOf(3) ? { id } : undefined
  t.same(words(await run(done, many(4))), ['CONNECT_FORBIDDEN', 'closed', 'closed', 'OUTCOME_UNKNOWN'])
  t.equal(done.batches.length, 1)
})

t.test('records of a call that was throttled are read back before they are refused', async (t) => {
  const ends = [throttledPage(0), throttled(0)].flatMap(error => [{ acts: false, error }, { acts: true, error }])
  for (const { acts, error } of ends) {
    const connect = new FakeConnect()
    connect.script = (batch) => {
      if (acts) connect.close(batch)
      throw error
    }
    const result = await run(connect, many(2))
    t.same(new Set(words(result)), new Set([acts ? 'closed' : 'UPSTREAM_THROTTLED']))
    if (!acts) t.match(result.outcomes[0], { message: /^Connect left the record open/ })
  }
  const passing = new FakeConnect()
  passing.script = (batch, call) => {
    const rows = passing.close(batch)
    if (call === 1) throw throttled(0)
    return rows
  }
  t.same((await run(passing, many(2))).outcomes.map(one => ({ ...one })), many(2).map(({ id }, index) => ({
    id, index, outcome: 'closed'
  })), 'not told as closed before')
  const stopped = new FakeConnect()
  stopped.script = () => { throw throttled(500) }
  t.same(words(await run(stopped, many(2))), ['OUTCOME_UNKNOWN', 'OUTCOME_UNKNOWN'], 'the pause holds reads back, too')
})

t.test('after a call too large for a gateway, only open records are sent again, in smaller calls', async (t) => {
  for (const acts of [false, true]) {
    const connect = new FakeConnect()
    connect.script = (batch) => {
      if (batch.length <= 2) return connect.close(batch)
      if (acts) connect.close(batch.slice(1))
      throw garbage(413)
    }
    const result = await run(connect, many(16), { batchSize: 16 })
    t.same(result.summary, { requested: 16, closed: 16, refused: 0, unknown: 0 })
    t.notOk(result.outcomes.some(one => 'already' in one), 'this request closed them')
    const sizes = connect.batches.map(({ length }) => length)
    t.same(acts ? sizes : sizes.slice(0, 4), acts ? [16, 1] : [16, 8, 4, 2])
  }
  const never = new FakeConnect()
  never.script = () => { throw garbage(413) }
  t.same(new Set(words(await run(never, many(3)))), new Set(['NOT_CLOSED']))
})
