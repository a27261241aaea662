import { once } from 'node:events'
import t from 'tap'
import { context, failure, jsonAnswer, namedIn, startClient, startUpstream } from './upstream.ts'

const STRAY = { id: 'UF-STRAY' }
/** One socket, so that every call follows upon the one before. */
const limits = { jsonRead: { connections: 1, headersMs: 5_000, bodyIdleMs: 5_000, isFresh: false } }

t.test('a second answer in the same packet is ignored, and the socket is closed', async (t) => {
  const upstream = await startUpstream(t, ({ path, raw }) =>
    raw(jsonAnswer(200, namedIn(path)) + jsonAnswer(200, STRAY))
  )
  const client = startClient(t, upstream.baseUrl, { limits })
  for (let i = 0; i < 30; i += 1) t.equal((await client.usageFiles.get(`UF-${i}`, context())).id, `UF-${i}`)
  t.equal(upstream.exchanges.length, 30, 'none was asked twice')
  t.equal(upstream.connections(), 30)
})

t.test('a second answer on an idle socket is ignored, and the socket is closed', async (t) => {
  const upstream = await startUpstream(t, ({ path, json }) => json(200, namedIn(path)))
  const client = startClient(t, upstream.baseUrl, { limits })
  for (let i = 0; i < 30; i += 1) {
    t.equal((await client.usageFiles.get(`UF-${i}`, context())).id, `UF-${i}`)
    const last = upstream.exchanges.at(-1)
    last?.json(200, STRAY)
    if (last !== undefined) await once(last.socket, 'close')
  }
  t.equal(upstream.exchanges.length, 30, 'none was asked twice')
})

t.test('a second answer after the next call was sent closes the socket, and that call is sent once more', async (t) => {
  let before: unknown = null
  const upstream = await startUpstream(t, ({ path, json, socket }) => {
    // It comes in front of the second answer on this socket.
    if (socket === before) json(200, STRAY)
    before = socket
    json(200, namedIn(path))
  })
  const client = startClient(t, upstream.baseUrl, { limits })
  for (let i = 0; i < 10; i += 1) t.equal((await client.usageFiles.get(`UF-${i}`, context())).id, `UF-${i}`)
  t.same(upstream.exchanges.map(({ path }) => namedIn(path).id), [
    'UF-0', ...Array.from({ length: 9 }, (_, n) => [`UF-${n + 1}`, `UF-${n + 1}`]).flat()
  ])
  t.equal(upstream.connections(), 10, 'what is out of step is not used again')
})

t.test('a list of other rows is read once more, and a second such list is an error', async (t) => {
  const rows = (id: string): object[] => [{ id: 'UR-1', usagefile: { id } }]
  const upstream = await startUpstream(t, ({ index, json }) => json(200, rows(index === 1 ? 'UF-1' : 'UF-2')))
  const client = startClient(t, upstream.baseUrl)
  const list = () => client.usageRecords.list({ filter: { 'usagefile.id': 'UF-1' } }, context())
  t.same((await list()).items, rows('UF-1'))
  t.equal(upstream.exchanges.length, 2)
  t.match(await failure(list()), { kind: 'bad-payload', reason: 'other-object' })
  t.equal(upstream.exchanges.length, 4)
})

t.test('of two lower bounds the later one counts, of two upper bounds the earlier one', async (t) => {
  const upstream = await startUpstream(t, ({ json }) => json(200, [{ id: 'UR-1', start_date: '2026-02-15T00:00:00Z' }]))
  const client = startClient(t, upstream.baseUrl)
  const list = (range: Readonly<Record<string, string>>) =>
    client.usageRecords.list({ filter: { start_date: range } }, context())
  const [before, after] = ['2026-02-01', '2026-03-01']
  for (const range of [{ ge: before, gt: before }, { le: after, lt: after }, { gt: before, le: after }]) {
    t.equal((await list(range)).items.length, 1, JSON.stringify(range))
  }
  for (const range of [
    { ge: before, gt: after }, { gt: before, ge: after }, { le: after, lt: before }, { lt: after, le: before }
  ]) {
    t.match(await failure(list(range)), { kind: 'bad-payload', reason: 'other-object' }, JSON.stringify(range))
  }
})

t.test('the totals of an asset have no row of another asset', async (t) => {
  const rows = [{ asset: { id: 'AS-1' }, amount: '5' }, { amount: '6' }]
  const upstream = await startUpstream(t, ({ index, json }) =>
    json(200, index === 0 ? rows : [...rows, { asset: { id: 'AS-2' } }]))
  const client = startClient(t, upstream.baseUrl)
  t.equal((await client.aggregates.listForAsset('AS-1', {}, context())).items.length, 2)
  t.match(await failure(client.aggregates.listForAsset('AS-1', {}, context())), { reason: 'other-object' })
})

t.test('a write is sent once, whatever object the answer holds', async (t) => {
  const upstream = await startUpstream(t, ({ json }) => json(200, STRAY))
  const client = startClient(t, upstream.baseUrl)
  t.match(await failure(client.usageFiles.submit('UF-1', context())), { reason: 'other-object', bodyComplete: true })
  t.equal(upstream.exchanges.length, 1)
})
