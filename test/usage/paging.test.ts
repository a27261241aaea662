import t from 'tap'
import { matchesTag, weakTag } from '../../src/http/etag.ts'
import { allItems, itemsByPage, linkHeader, readPages, toList, windowOf } from '../../src/usage/paging.ts'

t.test('limit and offset have defaults', async (t) => {
  t.same(windowOf({}), { limit: 50, offset: 0 })
  t.same(windowOf({ limit: 7, offset: 14 }), { limit: 7, offset: 14 })
  t.same(toList({ items: [1, 2], total: 9 }, { limit: 2, offset: 4 }, String), {
    items: ['1', '2'],
    total: 9,
    limit: 2,
    offset: 4
  })
})

t.test('the Link header names the other pages', async (t) => {
  const rels = (
    offset: number, total: number, count = Math.max(0, Math.min(10, total - offset))
  ): Record<string, string> => {
    const header = linkHeader('/v1/x?name=a%20b&offset=1', { limit: 10, offset }, total, count) ?? ''
    const links = [...header.matchAll(/<([^>]*)>; rel="(\w+)"/g)]
    return Object.fromEntries(links.map(([, url = '', rel = '']) => [rel, url]))
  }
  const at = (offset: number): string => `/v1/x?name=a+b&offset=${offset}&limit=10`
  t.same(rels(0, 25), { first: at(0), next: at(10), last: at(20) })
  t.same(rels(10, 25), { first: at(0), prev: at(0), next: at(20), last: at(20) })
  t.same(rels(20, 25), { first: at(0), prev: at(10), last: at(20) })
  t.same(rels(5, 25), { first: at(0), prev: at(0), next: at(15), last: at(15) }, 'counted from where the caller stands')
  t.same(rels(15, 25), { first: at(0), prev: at(5), last: at(15) })
  t.same(rels(505, 25), { first: at(0), prev: at(15), last: at(15) })
  t.same(rels(5, 3), { first: at(0), prev: at(0), last: at(0) })
  t.same(rels(500, 25), { first: at(0), prev: at(20), last: at(20) }, 'past the end')
  t.same(rels(0, 20), { first: at(0), next: at(10), last: at(10) }, 'no empty last page')
  t.equal(rels(0, 25, 7)['next'], at(7), 'a page that is shorter than was asked for')
  t.equal(linkHeader('/v1/x', { limit: 10, offset: 0 }, 0, 0), null)
})

interface Row { id: string }
const rows = (from: number, count: number): Row[] => Array.from({ length: count }, (_, n) => ({ id: `R-${from + n}` }))
const invalid = { name: 'AppError', code: 'UPSTREAM_INVALID' }

t.test('all items of a small collection are read once, in pages of any size', async (t) => {
  const offsets: number[] = []
  const items = await allItems(async ({ offset }) => {
    offsets.push(offset)
    return { items: offset === 0 ? rows(0, 2) : rows(2, 1), total: 3 }
  })
  t.same(items, rows(0, 3))
  t.same(offsets, [0, 2])
  t.same(
    await allItems(async ({ offset }) => ({ items: rows(offset, Math.min(100, 250 - offset)), total: 250 })),
    rows(0, 250),
    'a server that caps pages'
  )
  let added = 0
  const shifted = await allItems(async ({ offset }) => ({
    items: rows(Math.max(0, offset - 5 * added++), 50),
    total: 120
  }))
  t.same(shifted.map(({ id }) => id), rows(0, shifted.length).map(({ id }) => id), 'rows that shift come once')
  t.same(await allItems(async () => ({ items: [], total: 0 })), [])
})

t.test('impossible pages end the read with an error', async (t) => {
  const reading = async (list: (offset: number, call: number) => { items: Row[], total: number, bytes?: number }) => {
    let calls = 0
    const error: unknown = await allItems(async ({ offset }) => list(offset, (calls += 1))).then(
      () => null,
      (problem: unknown) => problem
    )
    return { calls, error }
  }
  t.match(
    await reading(() => ({ items: rows(0, 1000), total: 5000 })),
    { calls: 2, error: invalid },
    'the same page again and again'
  )
  t.match(await reading(() => ({ items: [], total: 5 })), { calls: 1, error: invalid }, 'less than was counted')
  t.match(
    await reading((offset, call) => ({ items: rows(offset, 1), total: 10 * call })),
    { calls: 30, error: invalid },
    'a total that grows for ever'
  )
  t.match(
    await reading((offset, call) => ({ items: rows(offset, call === 1 ? 100 : 1), total: 300 })),
    { calls: 16, error: invalid },
    'pages that shrink'
  )
  t.match(
    await reading(offset => ({ items: rows(offset, 1000), total: 1_900_000 })),
    { calls: 11, error: invalid },
    'more than is held'
  )
  t.match(
    await reading(offset => ({ items: rows(offset, 10), total: 5000, bytes: 16 * 1024 * 1024 })),
    { calls: 5, error: invalid },
    'larger than is held'
  )
  t.match(
    await reading(offset => ({ items: rows(offset, 1), total: 100_000_000 })),
    { calls: 1, error: invalid },
    'one row in a page, and a large count'
  )
  t.match(
    await reading((offset, call) => ({ items: rows(offset, call === 1 ? 100 : 1), total: 9_000 })),
    { calls: 2, error: invalid },
    'pages that become too small for the rest'
  )
})

t.test('a read ends when its consumer has enough', async (t) => {
  let calls = 0
  await readPages(
    async ({ offset }) => ({ items: rows(offset, 10), total: 10_000 }),
    () => ((calls += 1) === 3 ? 'enough' : 10)
  )
  t.equal(calls, 3)
})

t.test('If-None-Match is compared with the ETag', async (t) => {
  const tag = weakTag('{"a":1}')
  t.match(tag, /^W\/"[\w-]{43}"$/)
  t.equal(tag, weakTag('{"a":1}'))
  t.not(tag, weakTag('{"a":2}'))
  t.ok(matchesTag(tag, tag))
  t.ok(matchesTag(`"x", ${tag.slice(2)}`, tag), 'compared weakly, in a list')
  t.ok(matchesTag('*', tag))
  t.notOk(matchesTag('"x"', tag))
  t.notOk(matchesTag(undefined, tag))
})

t.test('a whole URL in the request line does not change the host of a link', async (t) => {
  for (const host of ['http://evil.example', 'HTTPS://evil.example:8443', 'http://a@evil.example']) {
    t.equal(
      linkHeader(`${host}/v1/usage-files?name=x`, { limit: 10, offset: 0 }, 5, 5),
      '</v1/usage-files?name=x&limit=10&offset=0>; rel="first", </v1/usage-files?name=x&limit=10&offset=0>; rel="last"'
    )
  }
})

t.test('the items of a page are dropped when the next page is asked for', async (t) => {
  const pages = itemsByPage(async ({ offset }) => ({ items: rows(offset, 1000), total: 2000 }), () => true)
  const { value: first } = await pages.next()
  t.equal(first?.length, 1000)
  const { value: second } = await pages.next()
  t.same([first?.length, second?.length], [0, 1000])
  t.equal((await pages.next()).done, true)
})
