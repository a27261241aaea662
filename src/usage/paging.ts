import { DEFAULT_LIMIT, type List } from '../../schemas/paging.ts'
import type { Page } from '../connect/filters.ts'

export interface Window { limit: number, offset: number }

export function windowOf (query: { limit?: number, offset?: number }): Window {
  return { limit: query.limit ?? DEFAULT_LIMIT, offset: query.offset ?? 0 }
}

export function toList<From, To> (page: Page<From>, { limit, offset }: Window, map: (item: From) => To): List<To> {
  return { items: page.items.map(map), total: page.total, limit, offset }
}

/** The RFC 8288 Link header of a page, or null when there are no pages; `url` is the request's path and query. */
export function linkHeader (url: string, { limit, offset }: Window, total: number): string | null {
  if (total === 0) return null
  // Pages are counted from where the caller stands, or following `next` would never meet `last`.
  const shift = offset % limit
  const lastOffset = Math.max(0, Math.floor((total - 1 - shift) / limit) * limit + shift)
  const pages: [string, number][] = [['first', 0]]
  if (offset > 0) pages.push(['prev', Math.max(0, Math.min(offset - limit, lastOffset))])
  if (offset + limit < total) pages.push(['next', offset + limit])
  pages.push(['last', lastOffset])
  return pages.map(([rel, at]) => `<${addressOf(url, limit, at)}>; rel="${rel}"`).join(', ')
}

function addressOf (url: string, limit: number, offset: number): string {
  const [path = '', search = ''] = url.split('?', 2)
  const query = new URLSearchParams(search)
  query.set('limit', String(limit))
  query.set('offset', String(offset))
  return `${path}?${query.toString()}`
}

const PAGE = 1000

/** Every item of a collection that is small by nature, page by page. */
export async function allItems<Item> (list: (window: Window) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = []
  for (;;) {
    const page = await list({ limit: PAGE, offset: items.length })
    items.push(...page.items)
    if (page.items.length === 0 || items.length >= page.total) return items
  }
}
