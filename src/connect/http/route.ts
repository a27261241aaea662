import { InvalidIdError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'
import type { Filter } from '../filters.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A path whose ids `resolveRoute` checks. Only the two templates below make one, so no id gets in unchecked. */
export interface Route {
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** The id that the object in the response must have. Null where the response is another object, a list or a file. */
  readonly objectId: string | null
  /** The response lists objects whose ids vendors choose. Other ids are identifiers of Connect (`isId`). */
  readonly hasVendorIds?: true
  /** What the path says of each row of the list, in the form of a filter. */
  readonly rows?: Filter
}

// Wider than the identifiers of Connect. Two dots would change the path.
const ID = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/** Whether a text has the form and the length of an identifier of Connect. */
export function isId (text: string): boolean {
  return ID.test(text)
}

/** `` route`/usage/files/${id}/categories` ``: the response is not an object that an id of the path names. */
export function route (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: null }
}

/** `` objectRoute`/usage/files/${id}` ``: the response is the object that the last id names. */
export function objectRoute (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: ids.at(-1) ?? null }
}

/** Checks and encodes the ids. Throws InvalidIdError; its path shows `{id}` in place of the ids. */
export function resolveRoute (operation: string, method: Method, { parts, ids }: Route): CallTarget {
  if (!ids.every((id) => typeof id === 'string' && isId(id))) {
    throw new InvalidIdError({ operation, method, path: parts.join('{id}') })
  }
  return { operation, method, path: String.raw({ raw: parts }, ...ids.map(encodeURIComponent)) }
}
