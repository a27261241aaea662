import { InvalidIdError } from '../errors.ts'
import type { CallTarget } from '../errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** A path with ids still unchecked. Written as a template, so that no caller can paste an id into a path by hand. */
export interface Route {
  readonly parts: readonly string[]
  readonly ids: readonly string[]
  /** The id that the answer must have; null where it is another object, a list or a file. */
  readonly objectId: string | null
}

// Two dots would climb; the rest of the alphabet is what identifiers of Connect are made of, with room to spare.
const ID = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$/

/** `` route`/usage/files/${id}/categories` ``: the answer is not the object that an id names. */
export function route (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: null }
}

/** `` objectRoute`/usage/files/${id}` ``: the answer is the object that the last id names. */
export function objectRoute (parts: TemplateStringsArray, ...ids: readonly string[]): Route {
  return { parts, ids, objectId: ids.at(-1) ?? null }
}

/** Checks and encodes the ids; throws InvalidIdError, whose path shows placeholders. */
export function resolveRoute (operation: string, method: Method, { parts, ids }: Route): CallTarget {
  if (!ids.every((id) => typeof id === 'string' && ID.test(id))) {
    throw new InvalidIdError({ operation, method, path: parts.join('{id}') })
  }
  return { operation, method, path: String.raw({ raw: parts }, ...ids.map(encodeURIComponent)) }
}
