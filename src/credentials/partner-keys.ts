import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type CallerEntry, type Callers, type PartnerKey } from './callers.ts'

/**
 * What secret scanners look for: `ubff_[A-Za-z0-9_-]{43}_[0-9a-f]{8}`, where the last part is the CRC-32 of all before
 * it.
 */
const PREFIX = 'ubff_'
const MAX_KEY_CHARS = 256

interface Hashed { entry: CallerEntry, key: PartnerKey, hash: Buffer }
const hashedOf = new WeakMap<Callers, readonly Hashed[]>()

/** A new key, of 256 random bits. */
export function newPartnerKey (): string {
  const secret = PREFIX + randomBytes(32).toString('base64url')
  return `${secret}_${crc32(secret).toString(16).padStart(8, '0')}`
}

/**
 * The caller that a partner key belongs to; null for what is unknown or has expired.
 * Compares with every key, whatever matches, so that the time taken tells nothing.
 */
export function findByKey (callers: Callers, given: string): CallerEntry | null {
  if (given.length > MAX_KEY_CHARS) return null
  const hash = digest('sha256', given, 'buffer')
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
    known = callers.entries.flatMap(entry =>
      entry.keys.map(key => ({ entry, key, hash: Buffer.from(key.sha256, 'hex') }))
    )
    hashedOf.set(callers, known)
  }
  return known
}
