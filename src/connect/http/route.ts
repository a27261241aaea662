import { InvalidIdError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import type { Filter } from '../filters.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A path of Connect: the ids go between the parts. `resolveRoute` checks the ids. */
export interface Route {
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** The id of the object in the response: another id is refused. Null for any id, and for a list or a file. */
  readonly objectId: string | null
  /** True: vendors choose the ids in the list, so these ids may be any text. Otherwise they must pass `isId`. */
  readonly hasVendorIds?: true
  /** A filter that all rows must pass because of the path: the id of the asset for `/assets/{id}/usage/aggregates`. */
  readonly rows?: Filter
}

// Allows more characters than Connect's identifiers have, but not two dots in a row: `..` would change the path.
const ID = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

export function isId (text: string): boolean {
  return ID.test(text)
}

/** For a response that is not the object of an id in the path: `` route`/usage/files/${id}/categories` ``. */
export function route (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: null }
}

/** For a response that is the object of the last id in the path: `` objectRoute`/usage/files/${id}` ``. */
export function objectRoute (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: ids.at(-1) ?? null }
}

/** Throws InvalidIdError, whose path has `{id}` in place of each id, for an id that `isId` refuses. */
export function resolveRoute (operation: string, method: Method, { parts, ids }: Route): CallTarget {
  if (!ids.every((id) => typeof id === 'string' && isId(id))) {
    throw new InvalidIdError({ operation, method, path: parts.join('{id}') })
  }
  return { operation, method, path: String.raw({ raw: parts }, ...ids.map(encodeURIComponent)) }
}
