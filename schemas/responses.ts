import type { TSchema } from 'typebox'
import { Type } from 'typebox'

export type ResponseHeaders = Readonly<Record<string, { type: string, description: string }>>

export const ok = <S extends TSchema>(
  schema: S,
  description: string,
  example: unknown,
  headers: ResponseHeaders = {}
) => ({ description, headers, content: { 'application/json': { schema, example } } })

/**
 * Gives the schema of a response without a body. The handler must send `undefined`: `null` would be sent as four bytes.
 */
export const nothing = (description: string) => Type.Unsafe<undefined>({ type: 'null', description })

export const RETRY_AFTER: ResponseHeaders = {
  'retry-after': { type: 'integer', description: 'Seconds after which to look again.' }
}
export const LOCATION: ResponseHeaders = { location: { type: 'string', description: 'Path of the new object.' } }
export const ETAG: ResponseHeaders = {
  etag: { type: 'string', description: 'Tag of this answer, for `If-None-Match`.' }
}

/**
 * The schema of the response 304, which has no body. It is sent when `If-None-Match` has the tag that a 200 response
 * would have now.
 */
export const notModified = nothing('Nothing changed since the answer with that tag.')

/**
 * The schema of the body of operations that need none: null, or an empty object. With `documentedBody: null` in the
 * config of the route, the document shows no body either.
 */
export const NoBody = Type.Unsafe<null>({ type: ['null', 'object'], maxProperties: 0 })
