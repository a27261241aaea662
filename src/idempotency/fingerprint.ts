import { createHash } from 'node:crypto'

/** Gives a SHA-256 of the JSON of `parts`, in base64url. The order of the members of an object makes no difference. */
export function fingerprintOf (...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sorted)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // Pairs, because an object would lose a member called `__proto__`, and put members with numbers as names first.
  return { members: Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1) }
}

/** Gives origin and path, without slashes at the end: `…/v1` and `…/v1/` must make the same keys in the store. */
export function withoutSlash (baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl)
  return origin + pathname.replace(/\/+$/, '')
}
