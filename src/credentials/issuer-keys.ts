import {
  createLocalJWKSet,
  errors,
  flattenedVerify,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters
} from 'jose'

/** Milliseconds after which the next token has the keys read again. If that fails, they serve for KEEP_MS. */
const FRESH_MS = 10 * 60_000
const KEEP_MS = 24 * 3600_000
/** Milliseconds between two readings for a key id that is not in the set: anybody can make up such an id. */
const UNKNOWN_KEY_PAUSE_MS = 30_000
/** Milliseconds after a failed reading: with keys that still serve, and without any. */
const PAUSE_MS = 30_000
const PAUSE_WITHOUT_KEYS_MS = 5_000
const FETCH_TIMEOUT_MS = 5_000
const MAX_BYTES = 256 * 1024

/** The key that a token asks for, or an error of jose's, or KeysUnavailableError. */
export type KeyFinder = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

/** The keys of the issuer cannot be read, so the token cannot be checked. */
export class KeysUnavailableError extends Error {
  readonly retryAfterSeconds: number

  constructor (retryAfterMs: number) {
    super('the keys of the token issuer cannot be got')
    this.name = 'KeysUnavailableError'
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  }
}

export interface KeyLog { warn: (fields: object, message: string) => void }

/**
 * The keys of a token issuer, read from its JWKS address and kept for a day, so that tokens are checked while the
 * issuer is down. Takes the address, a log for failures, and a clock in milliseconds.
 *
 * jose's createRemoteJWKSet does not do the same: it throws when its copy is old and the issuer does not answer, reads
 * an answer of any size, and takes a set without keys in place of one that works.
 */
export function createIssuerKeys (uri: string, log: KeyLog, now: () => number = () => performance.now()): KeyFinder {
  let keys: { find: KeyFinder, readAt: number } | null = null
  let reading: Promise<void> | null = null
  let triedAt = -Infinity
  let hasFailed = false
  let askedForUnknownAt = -Infinity

  const pauseLeft = (): number => hasFailed ? triedAt + (keys === null ? PAUSE_WITHOUT_KEYS_MS : PAUSE_MS) - now() : 0

  const readNow = async (): Promise<void> => {
    triedAt = now()
    try {
      keys = { find: finderIn(await fetchKeys(uri)), readAt: now() }
      hasFailed = false
    } catch (error) {
      hasFailed = true
      log.warn({ err: error }, 'the keys of the token issuer cannot be got')
    }
  }
  /** Requests that need the keys at the same time wait for one reading. */
  const read = async (): Promise<void> => await (reading ??= readNow().finally(() => { reading = null }))

  const upToDate = async (): Promise<{ find: KeyFinder }> => {
    const age = (): number => keys === null ? Infinity : now() - keys.readAt
    if (age() >= FRESH_MS && (reading !== null || pauseLeft() <= 0)) await read()
    if (keys === null || age() >= KEEP_MS) throw new KeysUnavailableError(pauseLeft())
    return keys
  }

  return async (header, token) => {
    const before = await upToDate()
    try {
      return await before.find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
    }
    if (reading !== null) await read()
    else if (keys === before && now() - askedForUnknownAt >= UNKNOWN_KEY_PAUSE_MS && pauseLeft() <= 0) {
      askedForUnknownAt = now()
      await read()
    }
    // The key may be new: the issuer could not be asked for it.
    if (hasFailed) throw new KeysUnavailableError(pauseLeft())
    return await (keys ?? before).find(header, token)
  }
}

/**
 * Finds the keys of a set. Some issuers list a key twice, or two keys under one id: jose gives those one after the
 * other with its error, and the first that verifies the token is the key.
 */
function finderIn (set: JSONWebKeySet): KeyFinder {
  const find = createLocalJWKSet(set)
  return async (header, token) => {
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      for await (const key of error) {
        const isKey = await flattenedVerify(token, key).then(() => true, () => false)
        if (isKey) return key
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }
}

/** Bounded in time and size, and without following redirects: the address is configured, where it leads is not. */
async function fetchKeys (uri: string): Promise<JSONWebKeySet> {
  const response = await fetch(uri, {
    redirect: 'manual',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
    headers: { accept: 'application/json, application/jwk-set+json' }
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new Error(`its JWKS address answered ${response.status}`)
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_BYTES) throw new Error(`its JWKS is larger than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  const set = JSON.parse(Buffer.concat(chunks).toString('utf8')) as JSONWebKeySet
  // An issuer without a key has lost them, not withdrawn them all.
  if (!Array.isArray(set?.keys) || set.keys.length === 0) throw new Error('its JWKS holds no key')
  return set
}
