import { timingSafeEqual } from 'node:crypto'
import { sha256Hex, type CallerEntry, type Callers, type PartnerKey } from '../callers.ts'

const MAX_KEY_CHARS = 256

interface Hashed { entry: CallerEntry, key: PartnerKey, hash: Buffer }
const hashedOf = new WeakMap<Callers, readonly Hashed[]>()

/**
 * The caller that a partner key belongs to; null for what is unknown or has expired.
 * Compares with every key, whatever matches, so that the time taken tells nothing.
 */
export function findByKey (callers: Callers, given: string): CallerEntry | null {
  if (given.length > MAX_KEY_CHARS) return null
  const hash = Buffer.from(sha256Hex(given), 'hex')
  let found: CallerEntry | null = null
  for (const one of hashed(callers)) {
    if (timingSafeEqual(hash, one.hash) && isLive(one.key)) found = one.entry
  }
  return found
}

export function isLive ({ expiresAt }: PartnerKey): boolean {
  return expiresAt === null || expiresAt.getTime() > Date.now()
}

function hashed (callers: Callers): readonly Hashed[] {
  let known = hashedOf.get(callers)
  if (known === undefined) {
    known = callers.entries.flatMap(entry => entry.keys.map(key => ({ entry, key, hash: Buffer.from(key.sha256, 'hex') })))
    hashedOf.set(callers, known)
  }
  return known
}
