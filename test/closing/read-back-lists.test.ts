import t from 'tap'
import { closeRecords } from '../../src/closing/close-records.ts'
import { overloaded, response, timeout } from '../usage/failures.ts'
import {
  FakeConnect, NO_DEFAULTS, collect, idOf, many, run, spooled, throttled, words, type Script
} from './fixture.ts'

t.test('reading back waits for throttling and for a free slot', async (t) => {
  const connect = new FakeConnect()
  connect.script = (batch) => { connect.close(batch); return [] }
  const faults = [throttled(1), overloaded(), response(500)]
  const times: number[] = []
  connect.onRead = () => {
    times.push(performance.now())
    const fault = faults.shift()
    if (fault !== undefined) throw fault
    return undefined
  }
  t.same(words(await run(connect, many(1))), ['closed'])
  t.equal(connect.reads.length, 4)
  t.ok(times[1]! - times[0]! >= 1000, 'as Connect asked')
})

t.test('a large unclear batch is read back by pages of its file, and its other records one by one', async (t) => {
  const connect = new FakeConnect()
  connect.file = Array.from({ length: 5000 }, (_, n) => idOf(n)).filter(id => id !== idOf(42))
  connect.script = (batch) => { connect.close(batch); return [] }
  const { summary } = await run(connect, many(3000), { batchSize: 500 })
  t.equal(summary.closed, 3000)
  t.ok(connect.reads.length < 10, `${connect.reads.length} single reads`)
  t.ok(connect.pages < 30, `${connect.pages} pages`)
  const failing = new FakeConnect()
  failing.script = (batch) => { failing.close(batch); return [] }
  failing.onPage = () => { throw timeout() }
  t.equal((await run(failing, many(20), { batchSize: 20 })).summary.closed, 20)
})

t.test('a row without a status in a list is read alone', async (t) => {
  const connect = new FakeConnect()
  connect.file = many(12).map(({ id }) => id)
  connect.script = (batch) => { connect.close(batch); return [] }
  const { steps } = connect
  const listFile: typeof steps.listFile = async (...window) => {
    const page = await steps.listFile(...window)
    return { ...page, items: page.items.map(({ id = '' }) => ({ id, usagefile: { id: 'UF-1' } })) }
  }
  const options = { batchSize: 12, concurrency: 1 }
  const records = await spooled(many(12))
  const result = await collect(closeRecords(records, NO_DEFAULTS, { ...steps, listFile }, options))
  t.same(new Set(words(result)), new Set(['closed']))
  t.equal(connect.batches.length, 1)
})

/** A Connect whose list shows every record as `status`, whatever the record itself shows. */
function withWrongList (connect: FakeConnect, status: string, wrongFrom = 0): FakeConnect['steps'] {
  const { steps } = connect
  return {
    ...steps,
    listFile: async (...window) => {
      const page = await steps.listFile(...window)
      return { ...page, items: page.items.map((row, n) => n < wrongFrom ? row : { ...row, status }) }
    }
  }
}

t.test('no record is refused because of a row of a list that the record itself denies', async (t) => {
  const accepted: Script = () => []
  const alreadyClosed: Script = batch => batch.map(({ id }) => ({ id, error_details: 'already closed' }))
  for (const wrongFrom of [0, 1]) {
    const connect = new FakeConnect()
    connect.file = many(12).map(({ id }) => id)
    connect.script = (batch, call) => {
      if (call > 1) return alreadyClosed(batch, call)
      connect.close(batch)
      return accepted(batch, call)
    }
    const steps = withWrongList(connect, 'approved', wrongFrom)
    const result = await collect(
      closeRecords(await spooled(many(12)), NO_DEFAULTS, steps, { batchSize: 12, concurrency: 1 })
    )
    t.same(new Set(words(result)), new Set(['closed']), `rows are wrong from ${wrongFrom} on`)
    t.equal(connect.batches.length, wrongFrom === 0 ? 1 : 2, 'a list that is seen to be wrong is not used')
  }
  const ignored = new FakeConnect()
  ignored.file = many(12).map(({ id }) => id)
  ignored.script = accepted
  t.same(new Set(words(await run(ignored, many(12), { batchSize: 12 }))), new Set(['NOT_CLOSED']))
  t.equal(ignored.batches.length, 2)
  t.equal(ignored.reads.length, 13, 'one for its file, and at the end one for each record')
  const other = new FakeConnect()
  other.file = many(12).map(({ id }) => id)
  other.script = (batch) => { other.close(batch); return [] }
  const { steps } = other
  const options = { batchSize: 12, concurrency: 1 }
  const wrong = await collect(closeRecords(await spooled(many(12)), NO_DEFAULTS, {
    ...steps,
    listFile: async (...window) => {
      const page = await steps.listFile(...window)
      return { ...page, items: page.items.map(row => ({ ...row, external_billing_id: 'OTHER' })) }
    }
  }, options))
  t.same(new Set(words(wrong)), new Set(['closed']), 'nor because of another billing id')
})

t.test('of a refused call whose first records are not found, few are read', async (t) => {
  const hidden = new FakeConnect()
  hidden.script = () => { throw response(403) }
  hidden.onRead = () => { throw response(404) }
  const result = await run(hidden, many(40), { batchSize: 40 })
  t.same(words(result), [...Array(4).fill('CONNECT_FORBIDDEN'), ...Array(36).fill('OUTCOME_UNKNOWN')])
  t.equal(hidden.reads.length, 4)
  const partly = new FakeConnect()
  partly.file = many(40).slice(1).map(({ id }) => id)
  partly.script = () => { throw response(403) }
  partly.onRead = (id) => { if (id === idOf(0)) throw response(404) }
  t.same(new Set(words(await run(partly, many(40), { batchSize: 40 }))), new Set(['CONNECT_FORBIDDEN']))
  t.same([partly.reads.length, partly.pages], [3, 1])
})
