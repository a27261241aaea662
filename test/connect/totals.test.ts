import t from 'tap'
import { context, failure, startClient, startUpstream } from './upstream.ts'

t.test('an empty page behind the first one has no total without the word of Connect', async (t) => {
  let range: string | undefined
  const upstream = await startUpstream(t, (exchange) => {
    exchange.json(200, [], range === undefined ? {} : { 'content-range': range })
  })
  const { usageFiles } = startClient(t, upstream.baseUrl)
  t.match(await usageFiles.list({ limit: 2, offset: 0 }, context()), { items: [], total: 0 })
  for (range of [undefined, 'items */2', 'items 0-0/-2']) {
    const answer = failure(usageFiles.list({ limit: 2, offset: 1000 }, context()))
    t.match(await answer, { kind: 'bad-payload', reason: 'shape' }, String(range))
  }
  range = 'items 0-0/7'
  t.match(await usageFiles.list({ limit: 2, offset: 1000 }, context()), { items: [], total: 7 })
})

t.test('the total comes from Content-Range, or else from the list', async (t) => {
  const cases: readonly (readonly [string | null, number, number, number])[] = [
    ['items 10-11/57', 10, 2, 57],
    ['items 0-0/0', 0, 0, 0],
    ['items 0-0/1', 0, 1, 1],
    ['items 0-0/0', 0, 1, 1],
    ['items 90-90/57', 90, 0, 57],
    ['items 10-11/*', 10, 2, 12],
    ['bytes 0-1/2', 4, 1, 5],
    [null, 5, 2, 7],
    [null, 0, 0, 0]
  ]
  const limit = 3
  for (const [header, offset, length, total] of cases) {
    const upstream = await startUpstream(t, (exchange) => exchange.json(
      200, Array.from({ length }, () => ({ id: 'X' })), header === null ? {} : { 'content-range': header }
    ))
    const page = await startClient(t, upstream.baseUrl).usageFiles.list({ limit, offset }, context())
    t.same([page.items.length, page.total], [length, total], String(header))
  }
  const full = await startUpstream(t, exchange => exchange.json(200, [{ id: 'X' }, { id: 'Y' }, { id: 'Z' }]))
  t.match(
    await failure(startClient(t, full.baseUrl).usageFiles.list({ limit }, context())),
    { kind: 'bad-payload', reason: 'shape' },
    'a full page hides whether there are more'
  )
})

t.test('a total that no account can have is an error, in a list and in a count', async (t) => {
  for (const total of ['100000001', '4000000000', '9007199254740991', '99999999999999999999']) {
    const upstream = await startUpstream(t, (exchange) => exchange.json(
      200, [{ id: 'X' }], { 'content-range': `items 0-0/${total}` }
    ))
    const client = startClient(t, upstream.baseUrl)
    for (const call of [client.usageFiles.list({ limit: 10 }, context()), client.usageFiles.count({}, context())]) {
      t.match(await failure(call), { kind: 'bad-payload', reason: 'shape', status: 200 }, total)
    }
  }
})

t.test('a count asks for one row, which its filter must allow, and needs the Content-Range header', async (t) => {
  const all = { 'content-range': 'items 0-0/321' }
  const ready = [{ id: 'X', status: 'ready' }]
  let answer: [rows: object[], headers: Record<string, string>] = [ready, all]
  const upstream = await startUpstream(t, (exchange) => exchange.json(200, ...answer))
  const client = startClient(t, upstream.baseUrl)
  const count = async (): Promise<number> => await client.usageFiles.count({ status: 'ready' }, context())
  t.equal(await count(), 321)
  t.equal(upstream.exchanges[0]?.path, '/public/v1/usage/files?limit=1&eq(status,%22ready%22)')
  answer = [[], { 'content-range': 'items 0-0/0' }]
  t.equal(await count(), 0)
  t.equal(upstream.exchanges.length, 2)
  answer = [ready, {}]
  t.match(await failure(count()), { kind: 'bad-payload', reason: 'shape' }, 'no header')
  answer = [[], {}]
  t.match(await failure(count()), { kind: 'bad-payload', reason: 'shape' }, 'no row and no header')
  answer = [[{ id: 'X', status: 'draft' }], all]
  t.match(await failure(count()), { kind: 'bad-payload', reason: 'other-object' }, 'a row that the filter excludes')
  answer = [[], all]
  t.match(await failure(count()), { kind: 'bad-payload', reason: 'shape' }, 'a total without a row')
})

t.test('more rows than requested are an error', async (t) => {
  const upstream = await startUpstream(t, exchange =>
    exchange.json(200, [{}, {}, {}], { 'content-range': 'items 0-2/3' })
  )
  const { usageFiles } = startClient(t, upstream.baseUrl)
  t.match(await failure(usageFiles.list({ limit: 2 }, context())), { kind: 'bad-payload', reason: 'shape' })
  t.match(await usageFiles.list({ limit: 3 }, context()), { total: 3 })
})
