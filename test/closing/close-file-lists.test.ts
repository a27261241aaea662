import t from 'tap'
import { ApprovedRecords } from '../../src/closing/approved-records.ts'
import type { Page } from '../../src/connect/filters.ts'
import type { UsageRecord } from '../../src/connect/types.ts'
import { response } from '../usage/failures.ts'
import { FakeConnect, idOf, spooled } from './fixture.ts'
import { close } from './close-file-fixture.ts'

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
  const offsets: number[] = []
  for await (const page of approved.read()) offsets.push(Number(page[0]?.id.slice(-4)))
  t.same(offsets, [400, 300, 200, 100, 0], 'the last page comes first')
  t.equal(approved.records.count, 450)
})

t.test('a list that breaks off is read again, and what was listed is closed', async (t) => {
  const lists = (failure: (call: number) => Error | null) => {
    const connect = new FakeConnect()
    const ids = Array.from({ length: 5000 }, (_, n) => idOf(n))
    const failures: Error[] = []
    let calls = 0
    const closing = close(t, connect, ids, async (offset, limit) => {
      const error = failure(calls += 1)
      if (error !== null) throw error
      const open = ids.filter(id => !connect.closed.has(id))
      return { items: open.slice(offset, offset + limit).map(id => connect.record(id)), total: open.length }
    }, 500, failures)
    return { connect, closing, failures }
  }
  const once = lists(call => call === 4 ? response(500) : null)
  t.same((await once.closing).summary, { requested: 5000, closed: 5000, refused: 0, unknown: 0 })
  t.same(once.failures, [])
  const refused = lists(call => call >= 4 ? response(403) : null)
  t.same((await refused.closing).summary, { requested: 2000, closed: 2000, refused: 0, unknown: 0, hasMore: true })
  t.equal(refused.connect.closed.size, 2000)
  t.equal(refused.failures.length, 1, 'the error of the list is told')
})

t.test('a list that cannot be the list of a file ends', async (t) => {
  const rows = (from: number, count: number): UsageRecord[] =>
    Array.from({ length: count }, (_, n) => ({ id: idOf(from + n), status: 'approved', usagefile: { id: 'UF-1' } }))
  const cases: Record<string, (offset: number) => { items: UsageRecord[], total: number }> = {
    'the same page again and again': () => ({ items: rows(0, 1000), total: 100_000 }),
    'nothing before the end': offset => ({ items: offset === 0 ? rows(0, 1000) : [], total: 5000 }),
    'two pages in turn': offset => ({ items: rows(offset % 2000, 1000), total: 3000 + offset })
  }
  for (const [name, list] of Object.entries(cases)) {
    const connect = new FakeConnect()
    let asked = 0
    const closing = close(t, connect, [], async (offset) => {
      asked += 1
      return list(offset)
    })
    await t.rejects(closing, { code: 'UPSTREAM_INVALID', message: /Nothing was closed\.$/ }, name)
    t.equal(asked, 2, name)
    t.same(connect.batches, [], name)
  }
  const growing = new FakeConnect()
  let asked = 0
  const { summary } = await close(t, growing, [], async (offset) => {
    asked += 1
    return { items: rows(offset, 1000), total: offset + 5000 }
  })
  t.same(summary, { requested: 5000, closed: 5000, refused: 0, unknown: 0 }, 'a count that grows for ever')
  t.equal(asked, 12)
})
