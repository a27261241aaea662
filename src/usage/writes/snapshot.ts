import { createHash } from 'node:crypto'

/**
 * What is noted of an object, without secrets, to learn later whether something was done to it. A value may be null
 * because Connect does not show it. For a create, `ids` is noted: the ids that were listed before the create.
 */
export type Snapshot = Readonly<Record<string, string | null>>

/** False when either of the two is not known. */
export function isSameSnapshot (a: Snapshot | null, b: Snapshot | null): boolean {
  if (a === null || b === null) return false
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}

/** Gives a hash of the values as JSON. A snapshot holds it in place of long texts. */
export function digestOf (...values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('base64url')
}
