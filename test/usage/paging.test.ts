import t from 'tap'
import { mapBounded } from '../../src/usage/bounded.ts'
import { matchesTag, weakTag } from '../../src/usage/etag.ts'
import { allItems, linkHeader, toList, windowOf } from '../../src/usage/paging.ts'

t.test('the window has defaults', async (t) => {
  t.same(windowOf({}), { limit: 50, offset: 0 })
  t.same(windowOf({ limit: 7, offset: 14 }), { limit: 7, offset: 14 })
  t.same(toList({ items: [1, 2], total: 9 }, { limit: 2, offset: 4 }, String), { items: ['1', '2'], total: 9, limit: 2, offset: 4 })
})

t.test('links to the other pages', async (t) => {
  const rels = (offset: number, total: number, limit = 10): Record<string, string> => Object.fromEntries(
    [...(linkHeader('/v1/x?name=a%20b&offset=1', { limit, offset }, total) ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)].map(([, url = '', rel = '']) => [rel, url])
  )
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
  t.equal(linkHeader('/v1/x', { limit: 10, offset: 0 }, 0), null)
})

t.test('all items of a small collection', async (t) => {
  const offsets: number[] = []
  const items = await allItems(async ({ offset }) => {
    offsets.push(offset)
    return { items: offset === 0 ? ['a', 'b'] : ['c'], total: 3 }
  })
  t.same(items, ['a', 'b', 'c'])
  t.same(offsets, [0, 2])
  t.same(await allItems(async () => ({ items: [], total: 5 })), [], 'a total that lies does not loop')
})

t.test('bounded work keeps order and bound', async (t) => {
  let running = 0
  let most = 0
  const results = await mapBounded([5, 1, 4, 2, 3], 2, async (n) => {
    most = Math.max(most, ++running)
    await new Promise(resolve => setTimeout(resolve, n))
    running--
    return n * 10
  })
  t.same(results, [50, 10, 40, 20, 30])
  t.equal(most, 2)
  await t.rejects(mapBounded([1], 4, async () => { throw new Error('no') }), /no/)
})

t.test('tags', async (t) => {
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
