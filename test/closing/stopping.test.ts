import t from 'tap'
import { ApprovedRecords } from '../../src/closing/approved-records.ts'
import { closeFile } from '../../src/closing/close-file.ts'
import { collect, FakeConnect, idOf, many, recordOf, run, spooled, throttled, words } from './fixture.ts'

t.test('a stop sends no further batch, waits for sent ones, and refuses the other records', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch, call) => {
    if (call === 3) connect.stopping = true
    return connect.close(batch)
  }
  const result = await run(connect, [...many(20), recordOf(0), recordOf(19)])
  t.equal(connect.batches.flat().length, connect.closed.size)
  t.ok(connect.closed.size >= 12 && connect.closed.size < 20, 'what was under way, and no more')
  t.same(
    words(result),
    [...Array(20).keys(), 0, 19].map(n => (connect.closed.has(idOf(n)) ? 'closed' : 'DRAINING')),
    'repeated ones end as the first'
  )
  t.match(result.outcomes[19], {
    outcome: 'refused',
    message: /is stopping, and Connect took no call with this record/
  })
  t.same(result.summary, {
    requested: 22,
    closed: connect.closed.size + 1,
    refused: 21 - connect.closed.size,
    unknown: 0
  })
})

t.test('after a stop, a pause that Connect asked for is not waited for', async (t) => {
  const connect = new FakeConnect()
  connect.script = () => { throw throttled(100) }
  setTimeout(() => { connect.stopping = true }, 50)
  const from = performance.now()
  // Connect may have acted before it answered 429, and a read would have to wait, too.
  t.same(words(await run(connect, many(8))), Array(8).fill('OUTCOME_UNKNOWN'))
  t.ok(performance.now() - from < 10_000)
})

t.test('after a stop, unclear records are read back and not sent again', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch) => {
    connect.stopping = true
    connect.close(batch.slice(0, 2))
    return []
  }
  const result = await run(connect, many(4))
  t.same(words(result), ['closed', 'closed', 'DRAINING', 'DRAINING'])
  t.match(result.outcomes[3], { message: /Connect left the record open, and this instance/ })
  t.equal(connect.batches.length, 1)
  t.equal(connect.reads.length, 4)
})

t.test('after a stop, the records of a file are not listed again', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch) => {
    connect.stopping = true
    return connect.close(batch)
  }
  let looks = 0
  const approved = new ApprovedRecords('UF-1', async () => {
    looks += 1
    return { items: [1, 2].map(n => connect.record(idOf(n))), total: 2 }
  }, await spooled([]))
  const listed = { pages: approved.read(), noteFailure: () => {} }
  const billing = { externalBillingId: 'INV-1', externalBillingNote: null }
  const { summary } = await collect(
    closeFile(approved, listed, billing, connect.steps, { batchSize: 4, concurrency: 2 })
  )
  t.same(summary, { requested: 2, closed: 2, refused: 0, unknown: 0, hasMore: true })
  t.equal(looks, 1)
})
