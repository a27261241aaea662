import { createHash } from 'node:crypto'

/** Weak: the answer means the same, byte for byte or not. */
export function weakTag (answer: object): string {
  return `W/"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url')}"`
}

/** RFC 9110, 13.1.2: compares weakly, takes a list, `*` fits whatever exists. */
export function matchesTag (ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = tag.replace(/^W\//, '')
  return Array.from(ifNoneMatch.matchAll(/"[^"]*"/g), ([quoted]) => quoted).includes(opaque)
}
