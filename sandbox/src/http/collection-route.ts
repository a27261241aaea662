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
  /** Gives the JSON of a row's view as bytes. When present, it is used in place of `view`. */
  viewBytes?: (row: T) => Buffer
}

/** Gives the query as it was sent, with its percent-encoding. */
export function queryOf (request: FastifyRequest): string {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

const [opening, comma, closing] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')]

/**
 * Gives the page that the request asks for, as the body of the answer. The header `Content-Range` tells how many rows
 * there are on all pages. Throws a 400 for a fault in the query.
 */
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
    // The brackets of the query are nested too deep for the stack of JavaScript.
    if (error instanceof RangeError) throw badRequest('Bad filter query.')
    throw error
  }
}
