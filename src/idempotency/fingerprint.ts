import { createHash } from 'node:crypto'

/**
 * Gives a hash that tells whether two requests with the same key are the same. The order of the members of an object
 * makes no difference.
 */
export function fingerprintOf (...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sorted)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // A list of pairs, because an object would lose a member called __proto__ and would move members named by numbers.
  return { members: Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1) }
}

/** Gives origin and path of a base URL without slashes at the end: both spellings of it make the same keys. */
export function withoutSlash (baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl)
  return origin + pathname.replace(/\/+$/, '')
}
