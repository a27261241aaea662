import { createHash } from 'node:crypto'

/**
 * Gives the fingerprint of a request: a SHA-256 of `parts` as JSON (base64url). Two requests with the same key are the
 * same request if their fingerprints are equal. The order of the members of an object makes no difference.
 */
export function fingerprintOf (...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sorted)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // The members become a list of pairs. An object would lose a member called `__proto__`, and would put members with
  // numbers as names first.
  return { members: Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1) }
}

/**
 * Gives origin and path of a base URL, without slashes at the end. So `…/v1` and `…/v1/` make the same keys in the
 * store.
 */
export function withoutSlash (baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl)
  return origin + pathname.replace(/\/+$/, '')
}
