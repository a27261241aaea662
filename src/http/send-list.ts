import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { List, ListQuery } from '../../schemas/paging.ts'
import type { Page } from '../connect/filters.ts'
import { SeenIds } from '../limits/seen-ids.ts'
import { CSV, NDJSON } from '../media-types.ts'
import { itemsAsCsv } from '../tables/item-columns.ts'
import { itemsByPage, linkHeader, toList, windowOf, type Window } from '../usage/paging.ts'
import { chosenForm, refuseParameters, varyByAccept } from './accept.ts'
import { holdSlot } from './at-once.ts'

export interface ListSource<From, To extends object> {
  /** Reads a page from Connect. */
  read: (window: Window) => Promise<Page<From>>
  toItem: (object: From) => To
  /** The schema of an item. It gives the columns of the CSV. */
  schema: TSchema
  /** The name of the CSV without `.csv`. */
  name: string
  /** Gives what two items cannot have in common; null if there is no such thing. Default: the `id`. */
  keyOf?: (item: To) => string | null
}

/**
 * Answers a list operation in the form that the caller wants: one page as JSON, or all items as CSV or NDJSON. The
 * latter are read and sent page by page, so the memory does not grow with the list. An error before the first byte is a
 * problem. An error after it closes the connection: the caller sees that the list is not complete.
 */
export async function sendList<From, To extends object> (
  request: FastifyRequest, reply: FastifyReply, source: ListSource<From, To>
): Promise<List<To> | Readable> {
  const query = request.query as ListQuery
  varyByAccept(reply)
  const form = chosenForm(query.format, request.headers.accept)
  refuseParameters(query, form)
  if (form === 'json') return await readPage(request, reply, source, windowOf(query))
  holdSlot(request, request.server.listExports)
  const pages = readItems(source)
  // The first page is read before the answer begins.
  const first = await pages.next()
  const all = (async function * () {
    if (first.done !== true) yield first.value
    yield * pages
  })()
  if (form === 'ndjson') {
    reply.type(NDJSON)
    return Readable.from(asNdjson(all), { objectMode: false })
  }
  reply.type(`${CSV}; charset=utf-8`).header('content-disposition', `attachment; filename="${source.name}.csv"`)
  const options = { isEscaped: query.escape !== 'false', hasBom: query.bom === 'true' }
  return Readable.from(itemsAsCsv(all, source.schema, options), { objectMode: false })
}

async function readPage<From, To extends object> (
  request: FastifyRequest, reply: FastifyReply, { read, toItem }: ListSource<From, To>, window: Window
): Promise<List<To>> {
  const page = await read(window)
  const link = linkHeader(request.url, window, page.total)
  if (link !== null) reply.header('link', link)
  return toList(page, window, toItem)
}

/** Gives all items, each once, in the order of Connect. Throws UPSTREAM_INVALID when there are not as many as told. */
export async function * readItems<From, To extends object> (
  { read, toItem, keyOf = idOf }: Pick<ListSource<From, To>, 'read' | 'toItem' | 'keyOf'>
): AsyncGenerator<To[], void, void> {
  const seen = new SeenIds()
  const list = async (window: Window): Promise<Page<To>> => {
    const page = await read(window)
    return { ...page, items: page.items.map(toItem) }
  }
  const isNew = (item: To): boolean => {
    const key = keyOf(item)
    return key === null || seen.add(key, 1) === null
  }
  for await (const items of itemsByPage(list, isNew)) yield [...items]
}

function idOf (item: object): string | null {
  const { id } = item as { id?: unknown }
  return typeof id === 'string' ? id : null
}

async function * asNdjson (pages: AsyncIterable<object[]>): AsyncGenerator<string, void, void> {
  let rows = 0
  for await (const items of pages) {
    rows += items.length
    if (items.length > 0) yield items.map(item => `${JSON.stringify(item)}\n`).join('')
  }
  yield `${JSON.stringify({ summary: { rows } })}\n`
}
