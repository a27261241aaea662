import t from 'tap'
import { asJson, asNdjson } from '../../src/closing/answer.ts'
import { response, timeout } from '../usage/failures.ts'
import { FakeConnect, idOf, throttled } from './fixture.ts'
import { close } from './close-file-fixture.ts'

t.test('25,000 records of a file are all closed', async (t) => {
  const connect = new FakeConnect()
  const { summary } = await close(t, connect, Array.from({ length: 25_000 }, (_, n) => idOf(n)))
  t.same(summary, { requested: 25_000, closed: 25_000, refused: 0, unknown: 0 })
  t.equal(connect.closed.size, 25_000)
})

t.test('a file without approved records is closed without a call', async (t) => {
  t.same((await close(t, new FakeConnect(), [])).summary, { requested: 0, closed: 0, refused: 0, unknown: 0 })
})

t.test('records that are approved during the close are closed, too', async (t) => {
  const connect = new FakeConnect()
  const ids = Array.from({ length: 1500 }, (_, n) => idOf(n))
  let rounds = 0
  connect.script = (batch) => {
    if ((rounds += 1) <= 3) ids.unshift(idOf(2000 + rounds))
    return connect.close(batch)
  }
  const { summary } = await close(t, connect, ids)
  t.same(summary, { requested: 1503, closed: 1503, refused: 0, unknown: 0 })
})

t.test('a record is counted once when pages shift or repeat', async (t) => {
  const connect = new FakeConnect()
  const ids = Array.from({ length: 2500 }, (_, n) => idOf(n))
  let calls = 0
  const { summary } = await close(t, connect, ids, async (offset, limit) => {
    const open = ids.filter(id => !connect.closed.has(id))
    const from = Math.max(0, offset - (calls += 1) * 7)
    return { items: open.slice(from, from + limit).map(id => connect.record(id)), total: open.length }
  })
  t.same(summary, { requested: 2500, closed: 2500, refused: 0, unknown: 0 })
})

t.test('a record that stays approved is tried once', async (t) => {
  const connect = new FakeConnect()
  connect.script = batch => batch.map(({ id }) => ({ id, error_details: 'No.' }))
  const { summary } = await close(t, connect, [idOf(1), idOf(2)])
  t.same(summary, { requested: 2, closed: 0, refused: 2, unknown: 0 })
  t.equal(connect.batches.length, 1)
})

t.test('the summary has hasMore when records keep coming or the list cannot be read', async (t) => {
  const endless = new FakeConnect()
  const ids = [idOf(0)]
  endless.script = (batch) => {
    ids.push(idOf(ids.length))
    return endless.close(batch)
  }
  t.same((await close(t, endless, ids)).summary, { requested: 5, closed: 5, refused: 0, unknown: 0, hasMore: true })
  const failing = new FakeConnect()
  let looks = 0
  const { summary } = await close(t, failing, [], async () => {
    if ((looks += 1) > 1) throw looks === 2 ? throttled(0) : timeout()
    return { items: [failing.record(idOf(1))], total: 1 }
  })
  t.same(summary, { requested: 1, closed: 1, refused: 0, unknown: 0, hasMore: true })
  const patient = new FakeConnect()
  let seen = 0
  const good = await close(t, patient, [], async () => {
    if ((seen += 1) === 2) throw response(500)
    return { items: seen === 1 ? [patient.record(idOf(1))] : [], total: seen === 1 ? 1 : 0 }
  })
  t.same(good.summary, { requested: 1, closed: 1, refused: 0, unknown: 0 })
})

t.test('the JSON answer and the NDJSON answer hold the same outcomes', async (t) => {
  const lists = [
    [{ id: 'a', index: 0, outcome: 'closed' as const }],
    [{ id: 'b', index: 1, outcome: 'refused' as const, code: 'NOT_CLOSED' as const, message: 'm\n' }],
    [{ id: 'c"', index: 2, outcome: 'closed' as const }]
  ]
  const summary = { requested: 3, closed: 2, refused: 1, unknown: 0 }
  const outcomes = async function * () {
    yield * lists
    return summary
  }
  let ndjson = ''
  for await (const text of asNdjson(outcomes())) ndjson += text
  t.same(ndjson.trimEnd().split('\n').map(line => JSON.parse(line) as unknown), [...lists.flat(), { summary }])
  let json = ''
  let writes = 0
  for await (const text of asJson(outcomes())) {
    json += text
    writes += 1
  }
  t.same(JSON.parse(json), { failures: [lists[1]?.[0]], summary })
  t.equal(writes, 5, 'something is written for every batch, so that a caller that left is noticed')
})

t.test('records are closed while the list is read, and the pages to come lose none', async (t) => {
  const connect = new FakeConnect()
  const ids = Array.from({ length: 10_000 }, (_, n) => idOf(n))
  const closedAt: number[] = []
  const { summary } = await close(t, connect, ids, async (offset, limit) => {
    closedAt.push(connect.closed.size)
    const open = ids.filter(id => !connect.closed.has(id))
    return { items: open.slice(offset, offset + limit).map(id => connect.record(id)), total: open.length }
  })
  t.same(summary, { requested: 10_000, closed: 10_000, refused: 0, unknown: 0 })
  t.equal(closedAt.length, 12, 'one call for the length, one for each page, and one for what came later')
  t.ok(closedAt[4]! > 0, `${closedAt.join()} records were closed before each page`)
})

t.test('others close and approve records meanwhile: each record is closed once', async (t) => {
  const connect = new FakeConnect()
  const ids = Array.from({ length: 6000 }, (_, n) => idOf(n))
  let calls = 0
  const { summary } = await close(t, connect, ids, async (offset, limit) => {
    calls += 1
    if (calls <= 6) {
      for (let n = 0; n < 40; n += 1) connect.closed.set(idOf(calls * 50 + n), 'INV-other')
      ids.unshift(...Array.from({ length: 30 }, (_, n) => idOf(10_000 + calls * 100 + n)))
    }
    const open = ids.filter(id => !connect.closed.has(id))
    return { items: open.slice(offset, offset + limit).map(id => connect.record(id)), total: open.length }
  })
  t.equal(summary.hasMore, undefined)
  t.equal(connect.closed.size, ids.length, 'no record is left')
  t.equal([...connect.closed.values()].filter(billing => billing === 'INV-other').length, 240)
})
