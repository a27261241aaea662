import { hash } from 'node:crypto'

/** Makes a weak ETag (RFC 9110, 8.8.3) from the hash of a text. Answers that differ must have different texts. */
export function weakTag (text: string): string {
  return `W/"${hash('sha256', text, 'base64url')}"`
}

/**
 * Whether the header If-None-Match has `tag`, by weak comparison, or is `*` (RFC 9110, 13.1.2). False without the
 * header.
 */
export function matchesTag (ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = tag.replace(/^W\//, '')
  return Array.from(ifNoneMatch.matchAll(/"[^"]*"/g), ([quoted]) => quoted).includes(opaque)
}
