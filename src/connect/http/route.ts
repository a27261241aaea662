import { InvalidIdError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import type { Filter } from '../filters.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * A path of Connect with ids in it. The template tags `route` and `objectRoute` make routes; `resolveRoute` checks the
 * ids.
 */
export interface Route {
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** The id that the object in the response must have. Null when the response is another object, a list or a file. */
  readonly objectId: string | null
  /**
   * True: the response lists objects whose ids vendors choose, so these ids may be any text. Otherwise the ids in a
   * list must pass `isId`.
   */
  readonly hasVendorIds?: true
  /**
   * What the path says of each row of the list, in the form of a filter. For `/assets/{id}/usage/aggregates`: the id of
   * the asset.
   */
  readonly rows?: Filter
}

// Matches an id that may stand in a path. Allows more characters than Connect's identifiers have, but not two dots in a
// row: `..` would change the path.
const ID = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/**
 * Tells whether a text can be an identifier of Connect: 1 to 100 letters, digits and `_.:-`, with a letter or digit
 * first and no two dots in a row.
 */
export function isId (text: string): boolean {
  return ID.test(text)
}

/**
 * Makes a route whose response is not the object that an id of the path names: `` route`/usage/files/${id}/categories`
 * ``.
 */
export function route (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: null }
}

/**
 * Makes a route whose response is the object that the last id of the path names: `` objectRoute`/usage/files/${id}` ``.
 */
export function objectRoute (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: ids.at(-1) ?? null }
}

/**
 * Gives the target of a call, with the ids percent-encoded in its path. Throws InvalidIdError for an id that `isId`
 * refuses; the path of that error has `{id}` in place of each id.
 */
export function resolveRoute (operation: string, method: Method, { parts, ids }: Route): CallTarget {
  if (!ids.every((id) => typeof id === 'string' && isId(id))) {
    throw new InvalidIdError({ operation, method, path: parts.join('{id}') })
  }
  return { operation, method, path: String.raw({ raw: parts }, ...ids.map(encodeURIComponent)) }
}
