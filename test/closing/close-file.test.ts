import t, { type Test } from 'tap'
import { ApprovedRecords, type ListApproved } from '../../src/closing/approved-records.ts'
import { asJson, asNdjson } from '../../src/closing/answer.ts'
import type { Page } from '../../src/connect/filters.ts'
import type { UsageRecord } from '../../src/connect/types.ts'
import { closeFile } from '../../src/closing/close-file.ts'
import { response, timeout } from '../usage/failures.ts'
import { FakeConnect, collect, idOf, spooled, throttled, type Result } from './stage.ts'

/** The list is read, as it is for files that are not large. */
const LISTED = { listing: Promise.resolve(), noteFailure: () => {} }
const BILLING = { externalBillingId: 'INV-1', externalBillingNote: null }

/** Closes a file whose approved records are what `ids` says and Connect has not closed yet. */
async function close (
  t: Test,
  connect: FakeConnect,
  ids: string[],
  list?: ListApproved,
  batchSize = 500
): Promise<Result> {
  const approved = new ApprovedRecords(
    'UF-1',
    list ??
      (async (offset, limit) => {
        const open = ids.filter(id => !connect.closed.has(id))
        return { items: open.slice(offset, offset + limit).map(id => connect.record(id)), total: open.length }
      }),
    await spooled([])
  )
  await approved.collect()
  const result = await collect(closeFile(approved, LISTED, BILLING, connect.steps, { batchSize, concurrency: 4 }))
  t.same(
    result.outcomes.map(({ index }) => index),
    result.outcomes.map((_, n) => n),
    'one outcome each'
  )
  t.equal(new Set(result.outcomes.map(({ id }) => id)).size, result.outcomes.length, 'none twice')
  return result
}

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

t.test('a list that cannot be the list of the file closes nothing', async (t) => {
  const good = { id: idOf(1), status: 'approved', usagefile: { id: 'UF-1' } }
  const lists: Record<string, Page<UsageRecord>> = {
    'of another file': { items: [good, { ...good, id: idOf(2), usagefile: { id: 'UF-2' } }], total: 2 },
    'of no file': { items: [good, { id: idOf(2), status: 'approved' }], total: 2 },
    'of closed records': { items: [good, { ...good, id: idOf(2), status: 'closed' }], total: 2 },
    'without a status': { items: [good, { id: idOf(2), usagefile: { id: 'UF-1' } }], total: 2 },
    'without an id': { items: [good, { status: 'approved', usagefile: { id: 'UF-1' } }], total: 2 },
    'with an id of a megabyte': { items: [good, { ...good, id: 'U'.repeat(2 ** 20) }], total: 2 },
    'with a number for an id': { items: [good, { ...good, id: 12 as unknown as string }], total: 2 },
    'with a text for an id': { items: [good, { ...good, id: '<script>ApiKey SU-1:secret</script>' }], total: 2 },
    'of one row a page and a count without end': { items: [good], total: 100_000_000 },
    'counted, but empty': { items: [], total: 50 },
    'empty, and not counted': { items: [], total: 0, isTotalGuessed: true },
    'not counted': { items: [good], total: 1, isTotalGuessed: true }
  }
  for (const [name, page] of Object.entries(lists)) {
    const connect = new FakeConnect()
    await t.rejects(close(t, connect, [], async () => page), { code: 'UPSTREAM_INVALID' }, name)
    t.same(connect.batches, [], name)
  }
})

t.test('a list that cannot be the list of the file sets hasMore after the first round', async (t) => {
  const connect = new FakeConnect()
  let looks = 0
  const { summary } = await close(t, connect, [], async () =>
    (looks += 1) === 1 ? { items: [connect.record(idOf(1))], total: 1 } : { items: [], total: 50 }
  )
  t.same(summary, { requested: 1, closed: 1, refused: 0, unknown: 0, hasMore: true })
})

t.test('pages that are shorter than the limit leave out no record', async (t) => {
  const connect = new FakeConnect()
  const ids = Array.from({ length: 450 }, (_, n) => idOf(n))
  const approved = new ApprovedRecords(
    'UF-1',
    async offset => ({ items: ids.slice(offset, offset + 100).map(id => connect.record(id)), total: ids.length }),
    await spooled([])
  )
  await approved.collect()
  t.equal(approved.records.count, 450)
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

t.test('a list that cannot be the list of a file ends, and nothing is closed', async (t) => {
  const rows = (from: number, count: number): UsageRecord[] =>
    Array.from({ length: count }, (_, n) => ({ id: idOf(from + n), status: 'approved', usagefile: { id: 'UF-1' } }))
  const cases: Record<string, { list: (offset: number) => { items: UsageRecord[], total: number }, calls: number }> = {
    'the same page again and again': { list: () => ({ items: rows(0, 1000), total: 100_000 }), calls: 2 },
    'nothing before the end': { list: offset => ({ items: offset === 0 ? rows(0, 1000) : [], total: 5000 }), calls: 2 },
    'two pages in turn': { list: offset => ({ items: rows(offset % 2000, 1000), total: 3000 + offset }), calls: 16 },
    'a count that grows for ever': { list: offset => ({ items: rows(offset, 1000), total: offset + 5000 }), calls: 20 }
  }
  for (const [name, { list, calls }] of Object.entries(cases)) {
    let asked = 0
    const approved = new ApprovedRecords('UF-1', async (offset) => {
      asked += 1
      return list(offset)
    }, await spooled([]))
    await t.rejects(approved.collect(), { code: 'UPSTREAM_INVALID', message: /Nothing was closed\.$/ }, name)
    t.ok(asked <= calls, `${name}: ${asked} calls`)
  }
})
