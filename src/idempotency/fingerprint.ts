import { createHash } from 'node:crypto'

/**
 * What tells one request from another under the same key, as one short text. Objects are the same in any order of their
 * members.
 */
export function fingerprintOf (...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts, sorted)).digest('base64url')
}

function sorted (_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // As a list of pairs: a member called __proto__ stays a member, and numbers as names stay where they belong.
  return { members: Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1) }
}
