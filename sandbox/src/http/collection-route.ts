import type { FastifyReply, FastifyRequest } from 'fastify'
import { badRequest } from '../connect-error.ts'
import { RqlError } from '../rql/ast.ts'
import type { Collection } from '../rql/collection.ts'
import { selectRows } from '../rql/select-rows.ts'
import type { Page } from '../rql/select-rows.ts'

export interface Listing<T> {
  collection: Collection<T>
  rows: () => Iterable<T>
  isVisible: (row: T) => boolean
  view: (row: T) => unknown
  /** The JSON of a view where it is at hand: the page is put together from these bytes. */
  viewBytes?: (row: T) => Buffer
}

/** The raw query string: the framework's own parser would decode it a second time. */
export function queryOf (request: FastifyRequest): string {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

const [opening, comma, closing] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/** A bare array; the total travels in `Content-Range` alone. */
export function sendPage<T> (request: FastifyRequest, reply: FastifyReply, listing: Listing<T>): unknown {
  const page = select(listing, queryOf(request), request.server.getDecorator<boolean>('strictFilters'))
  reply.header('content-range', page.contentRange)
  const { view, viewBytes } = listing
  if (viewBytes === undefined) return page.rows.map(view)
  reply.type('application/json')
  const members = page.rows.flatMap((row, index) => index === 0 ? [viewBytes(row)] : [comma, viewBytes(row)])
  return Buffer.concat([opening, ...members, closing])
}

function select<T> ({ collection, rows, isVisible }: Listing<T>, query: string, isStrict: boolean): Page<T> {
  try {
    return selectRows(collection, rows, isVisible, query, isStrict)
  } catch (error) {
    if (error instanceof RqlError) throw badRequest(error.message)
    // Brackets nested deeper than the stack.
    if (error instanceof RangeError) throw badRequest('Bad filter query.')
    throw error
  }
}
