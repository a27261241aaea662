import { hash as digest, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type CallerEntry, type Callers, type PartnerKey } from './callers.ts'

/** A new key is `ubff_`, 43 characters of base64url, `_` and a CRC-32: tools that search for secrets can find it. */
const PREFIX = 'ubff_'
const MAX_KEY_CHARS = 256

interface Hashed { entry: CallerEntry, key: PartnerKey, hash: Buffer }
const hashedOf = new WeakMap<Callers, readonly Hashed[]>()

export function newPartnerKey (): string {
  const secret = PREFIX + randomBytes(32).toString('base64url')
  return `${secret}_${crc32(secret).toString(16).padStart(8, '0')}`
}

/**
 * `endsAt`: when the key expires (null: never). Gives null for a key that is unknown or has expired. Compares the key
 * with all keys, also after a match, so that the time taken does not show which key matches.
 */
export function findByKey (callers: Callers, given: string): { caller: CallerEntry, endsAt: Date | null } | null {
  if (given.length > MAX_KEY_CHARS) return null
  const hash = digest('sha256', given, 'buffer')
  let found: ReturnType<typeof findByKey> = null
  for (const { key, ...one } of hashed(callers)) {
    if (timingSafeEqual(hash, one.hash) && isLive(key)) found = { caller: one.entry, endsAt: key.expiresAt }
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
