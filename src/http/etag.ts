import { hash } from 'node:crypto'

/** Of the answer's text. Weak: it means the same, byte for byte or not. */
export function weakTag (text: string): string {
  return `W/"${hash('sha256', text, 'base64url')}"`
}

/** RFC 9110, 13.1.2: compares weakly, takes a list, `*` fits whatever exists. */
export function matchesTag (ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = tag.replace(/^W\//, '')
  return Array.from(ifNoneMatch.matchAll(/"[^"]*"/g), ([quoted]) => quoted).includes(opaque)
}
