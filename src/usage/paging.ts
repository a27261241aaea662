import { DEFAULT_LIMIT, type List } from '../../schemas/paging.ts'
import type { Page } from '../connect/filters.ts'
import { AppError } from '../errors/app-error.ts'
import { identifier } from './mapping/normalize.ts'

export interface Window { limit: number, offset: number }

export function windowOf (query: { limit?: number, offset?: number }): Window {
  return { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 }
}

export function toList<From, To> (page: Page<From>, { limit, offset }: Window, map: (item: From) => To): List<To> {
  return { items: page.items.map(map), total: page.total, limit, offset }
}

/**
 * Gives the Link header (RFC 8288) of a page of `count` items; null for an empty list. `url` is the request target. It
 * may be a whole URL, of any host, so only its path and query are used.
 */
export function linkHeader (url: string, { limit, offset }: Window, total: number, count: number): string | null {
  if (total === 0) return null
  // The pages are counted from the offset of the caller, so that a caller who follows `next` arrives at `last`.
  const shift = offset % limit
  const lastOffset = Math.max(0, Math.floor((total - 1 - shift) / limit) * limit + shift)
  const pages: [string, number][] = [['first', 0]]
  if (offset > 0) pages.push(['prev', Math.max(0, Math.min(offset - limit, lastOffset))])
  // Connect may list fewer items than were asked for, so the next page begins behind the last item of this one.
  if (offset + count < total) pages.push(['next', offset + count])
  pages.push(['last', lastOffset])
  return pages.map(([rel, at]) => `<${addressOf(url, limit, at)}>; rel="${rel}"`).join(', ')
}

function addressOf (url: string, limit: number, offset: number): string {
  const [path = '', search = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 2)
  const query = new URLSearchParams(search)
  query.set('limit', String(limit))
  query.set('offset', String(offset))
  return `${path}?${query.toString()}`
}

/** The most objects that one call of a list asks for. Connect gives no more in one response. */
export const PAGE = 1000
/** The most items, and the most bytes of Connect's responses, that `allItems` reads into memory. */
const MAX_ITEMS = 10_000
const MAX_BYTES = 64 * 1024 * 1024
/** The calls and items allowed beyond twice those that the first page's total needs: items may be added meanwhile. */
const SPARE_CALLS = 10
const SPARE_ROWS = 10 * PAGE
/** The most calls for one collection. The rows of the largest workbook (1,048,576) fill about half as many pages. */
const MAX_CALLS = 2_000

export type ListPage<Item> = (window: Window) => Promise<Page<Item>>

/** Gets the items of a page. Gives `enough` to end the reading, else a number. 0: no item is new. */
export type TakePage<Item> = (
  items: readonly Item[],
  page: Page<Item>
) => number | 'enough' | Promise<number | 'enough'>

/**
 * Reads a collection page by page and gives each page to `take`, until the end or until `take` gives `enough`. Throws
 * UPSTREAM_INVALID for a page before the last one that has no new item, for far more pages or items than the first page
 * announces, and for pages so small that they would take more than MAX_CALLS calls.
 */
export async function readPages<Item> (list: ListPage<Item>, take: TakePage<Item>): Promise<void> {
  const pages = walkPages(list, take)
  while ((await pages.next()).done !== true);
}

/** Yields after each page that was given to `take`. The next page is read when the calling function goes on. */
async function * walkPages<Item> (list: ListPage<Item>, take: TakePage<Item>): AsyncGenerator<void, void, void> {
  let bounds: { calls: number, rows: number } | null = null
  let offset = 0
  for (let calls = 1; ; calls += 1) {
    const page = await list({ limit: PAGE, offset })
    const { items, total } = page
    const { length } = items
    if (length === 0) {
      if (offset < total) throw invalidPages('Connect counted more objects than it listed.')
      return
    }
    const fresh = await take(items, page)
    yield
    if (fresh === 'enough') return
    offset += length
    if (offset >= total) return
    bounds ??= { calls: 2 * Math.ceil(total / length) + SPARE_CALLS, rows: 2 * total + SPARE_ROWS }
    if (fresh === 0) throw invalidPages('Connect listed the same objects again and again.')
    if (calls >= bounds.calls || offset >= bounds.rows) {
      throw invalidPages('Connect listed far more objects than it counted.')
    }
    if (calls + (total - offset) / length > MAX_CALLS) {
      throw invalidPages(`Connect lists too few objects in a page: all of them would take over ${MAX_CALLS} calls.`)
    }
  }
}

/**
 * Gives the items of a large collection, one page at a time. Leaves out an item for which `isNew` is false: it was
 * given before. Each array that was given is emptied when the next one is asked for: otherwise V8 would keep the items
 * of two pages, and treat them as objects that live long. Throws UPSTREAM_INVALID when Connect gives no total, when
 * pages contradict each other, and when items were missed.
 */
export async function * itemsByPage<Item> (
  list: ListPage<Item>, isNew: (item: Item) => boolean
): AsyncGenerator<readonly Item[], void, void> {
  let [given, total] = [0, 0]
  let fresh: Item[] = []
  const counted: ListPage<Item> = async window => {
    const page = await list(window)
    if (page.isTotalGuessed === true) throw invalidPages('Connect did not tell how many objects there are.')
    // After a removal the later items move forward, so the next page would miss some of them.
    if (page.total < total) throw invalidPages('Connect removed objects from the list while it was read.')
    total = page.total
    return page
  }
  const take: TakePage<Item> = (items, page) => {
    fresh = items.filter(isNew)
    page.items.length = 0
    return fresh.length
  }
  const pages = walkPages(counted, take)
  while ((await pages.next()).done !== true) {
    given += fresh.length
    yield fresh
    fresh.length = 0
  }
  if (given !== total) throw invalidPages(`Connect counted ${total} objects and listed ${given}.`)
}

/**
 * Gives the pages of a list from the last one to the first one. When items leave the list after their page was given,
 * no item of a page to come moves. The calling function may get an item twice, and may miss items when others are
 * added meanwhile. Throws UPSTREAM_INVALID for a list without a total, for an empty page where Connect counts objects,
 * and for pages that are repeated or too small.
 */
export async function * pagesFromLast<Item extends { readonly id?: unknown }> (
  list: ListPage<Item>
): AsyncGenerator<Page<Item>, void, void> {
  let before = new Set<unknown>()
  const read = async (window: Window): Promise<Page<Item>> => {
    const page = await list(window)
    const { items, total } = page
    if (page.isTotalGuessed === true) throw invalidPages('Connect did not tell how many objects there are.')
    if (items.length === 0 && window.offset < total) throw invalidPages('Connect counted more objects than it listed.')
    if (items.length > 0 && items.every(({ id }) => before.has(id))) {
      throw invalidPages('Connect listed the same objects again and again.')
    }
    before = new Set(items.map(({ id }) => id))
    return page
  }
  const first = await read({ limit: PAGE, offset: 0 })
  const { total, items: { length } } = first
  if (total <= length) return yield first
  // Connect may list fewer items than were asked for. Then the later calls ask for that smaller number.
  if (total / length > MAX_CALLS) {
    throw invalidPages(`Connect lists too few objects in a page: all of them would take over ${MAX_CALLS} calls.`)
  }
  for (let offset = Math.floor((total - 1) / length) * length; offset >= 0; offset -= length) {
    yield await read({ limit: length, offset })
  }
}

/**
 * Reads all items of a small collection into memory: of several items with the same id the first, and every item
 * without an id. Throws UPSTREAM_INVALID for too many items or bytes, and for pages that contradict each other.
 */
export async function allItems<Item extends { readonly id?: unknown }> (list: ListPage<Item>): Promise<Item[]> {
  const found: Item[] = []
  const ids = new Set<string>()
  let bytes = 0
  await readPages(list, (items, page) => {
    const before = found.length
    for (const item of items) {
      const id = identifier(item.id)
      if (id !== null && ids.has(id)) continue
      if (id !== null) ids.add(id)
      found.push(item)
    }
    bytes += page.bytes ?? 0
    if (found.length > MAX_ITEMS || bytes > MAX_BYTES) {
      throw invalidPages(`Connect listed more than this service takes in for one answer (${MAX_ITEMS} objects).`)
    }
    return found.length - before
  })
  return found
}

/**
 * Gives a function that gives pages of the list of `readAll`. It calls `readAll` once, for the first page. If that call
 * fails, every page fails.
 */
export function pagesOf<Item> (readAll: () => Promise<readonly Item[]>): ListPage<Item> {
  let whole: Promise<readonly Item[]> | undefined
  return async ({ limit, offset }) => {
    const items = await (whole ??= readAll())
    return { items: items.slice(offset, offset + limit), total: items.length }
  }
}

export function invalidPages (detail: string): AppError {
  return new AppError('UPSTREAM_INVALID', detail)
}
