import { Readable } from 'node:stream'
import { setImmediate as immediate } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import type { List, ListQuery } from '../../schemas/paging.ts'
import type { ListQuery as ConnectQuery, Page } from '../connect/filters.ts'
import { SeenIds } from '../limits/seen-ids.ts'
import { CSV, NDJSON } from '../media-types.ts'
import { itemsAsCsv } from '../tables/list-columns.ts'
import { VERSION } from '../version.ts'
import { invalidPages, itemsByPage, linkHeader, toList, windowOf, type Window } from '../usage/paging.ts'
import { chosenForm, FORMS_OF_LIST, refuseParameters, varyByAccept } from './accept.ts'
import { holdSlot } from './at-once.ts'
import { matchesTag, weakTag } from './etag.ts'
import { callerOf } from './plugins/auth.ts'

/** How many items `bytesOf` writes as one text. 20 usage records of about 2 KB each stay below 128 KiB. */
const GROUP = 20

export interface ListSource<From, To extends object> {
  /** The page has a digest only if the window has `isKnown` and the page is Connect's answer to a single call. */
  read: (window: ListWindow) => Promise<Page<From>>
  toItem: (object: From) => To
  /** The schema of an item gives the columns of the CSV. */
  schema: TSchema
  /** The file name of the CSV, without `.csv`. */
  name: string
  /** Gives a text that no other item of the list has; null for an item without such a text. Default: the `id`. */
  keyOf?: (item: To) => string | null
}

/** `isKnown` gets the digest of a page, and tells whether the caller has that page already. */
export type ListWindow = Window & Pick<ConnectQuery<never>, 'isKnown'>

/**
 * Answers a list operation. JSON is one page, or 304 when the caller has that page. CSV and NDJSON are all items, read
 * and sent page by page. An error after the first byte closes the connection: the caller sees that the list is not
 * complete. This function sends JSON itself: `List` is in its type only because the types of the routes need it.
 */
export async function sendList<From, To extends object> (
  request: FastifyRequest, reply: FastifyReply, source: ListSource<From, To>
): Promise<List<To> | Readable | FastifyReply> {
  const query = request.query as ListQuery
  varyByAccept(reply)
  const form = chosenForm(query.format, request.headers.accept)
  refuseParameters(query, form, FORMS_OF_LIST)
  if (form === 'json') return await readPage(request, reply, source, windowOf(query))
  holdSlot(request, request.server.listExports)
  const pages = readItems(source)
  // The first page is read before the answer begins, so that an error in it is answered with a problem.
  const first = await pages.next()
  const all = (async function * () {
    // Waits for the next turn of the event loop, so that the first line of the CSV is sent before rows become text.
    await immediate()
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
  request: FastifyRequest, reply: FastifyReply, source: ListSource<From, To>, window: Window
): Promise<FastifyReply> {
  const { account, scopes } = callerOf(request)
  const known = request.headers['if-none-match']
  // The tag depends on all that makes the answer: Connect's answer, the address, role and scopes, and the version.
  const tagOf = (digest: string): string => weakTag([digest, request.url, account.role, ...scopes, VERSION].join('\n'))
  const page = await source.read({ ...window, isKnown: digest => matchesTag(known, tagOf(digest)) })
  if (page.digest !== undefined) reply.header('etag', tagOf(page.digest))
  if (page.isKnown === true) return await reply.code(304).send(undefined)
  return await reply.type('application/json; charset=utf-8').send(jsonOf(request, reply, source, window, page))
}

/**
 * Gives a page as JSON, and sets the header Link. Throws UPSTREAM_INVALID for an empty page before the end of the list,
 * and for an object that stands twice in the page. This function is not async, so that no promise refers to the list:
 * the promises of a request that waited long are in the memory of V8 that is seldom cleared (the old generation), and
 * what they refer to stays there, too. With 50 callers at once this saves a fifth of the CPU time of a list.
 */
function jsonOf<From, To extends object> (
  request: FastifyRequest, reply: FastifyReply, { toItem, keyOf = idOf }: ListSource<From, To>, window: Window,
  page: Page<From>
): Buffer {
  const list = toList(page, window, toItem)
  const count = list.items.length
  if (count === 0 && window.offset < list.total) throw invalidPages('Connect counted more objects than it listed.')
  const keys = list.items.map(keyOf).filter(key => key !== null)
  if (new Set(keys).size < keys.length) throw invalidPages('Connect listed an object twice in one page.')
  const link = linkHeader(request.url, window, list.total, count)
  if (link !== null) reply.header('link', link)
  const bytes = bytesOf(list)
  if (page.digest !== undefined) page.items.length = 0
  return bytes
}

/**
 * Gives a list as JSON. Makes one text for each GROUP of items: V8 takes memory from the system for each text of more
 * than 128 KiB, which takes longer than all the rest.
 */
function bytesOf<To> ({ items, ...rest }: List<To>): Buffer {
  const texts = ['{"items":[']
  for (let at = 0; at < items.length; at += GROUP) {
    const group = JSON.stringify(items.slice(at, at + GROUP)).slice(1, -1)
    texts.push(at === 0 ? group : `,${group}`)
  }
  texts.push(`],${JSON.stringify(rest).slice(1)}`)
  const bytes = Buffer.allocUnsafe(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0))
  let end = 0
  for (const text of texts) end += bytes.write(text, end)
  return bytes
}

/**
 * Gives all items of a list, each once. An item for which `keyOf` gives null cannot be recognised, so it is given each
 * time. Throws UPSTREAM_INVALID when items may be missing, and when pages contradict each other.
 */
export async function * readItems<From, To extends object> (
  { read, toItem, keyOf = idOf }: Pick<ListSource<From, To>, 'read' | 'toItem' | 'keyOf'>
): AsyncGenerator<readonly To[], void, void> {
  const seen = new SeenIds()
  const list = async (window: Window): Promise<Page<To>> => {
    const page = await read(window)
    const items = page.items.map(toItem)
    page.items.length = 0
    return { ...page, items }
  }
  const isNew = (item: To): boolean => {
    const key = keyOf(item)
    return key === null || seen.add(key, 1) === null
  }
  yield * itemsByPage(list, isNew)
}

function idOf (item: object): string | null {
  const { id } = item as { id?: unknown }
  return typeof id === 'string' ? id : null
}

async function * asNdjson (pages: AsyncIterable<readonly object[]>): AsyncGenerator<string, void, void> {
  let rows = 0
  for await (const items of pages) {
    rows += items.length
    if (items.length > 0) yield items.map(item => `${JSON.stringify(item)}\n`).join('')
  }
  yield `${JSON.stringify({ summary: { rows } })}\n`
}
