import {
  createLocalJWKSet,
  errors,
  flattenedVerify,
  type CryptoKey,
  type FlattenedJWSInput,
  type JWK,
  type JSONWebKeySet,
  type JWSHeaderParameters
} from 'jose'

/** From this age on, the next token makes the service read the keys again, but not in a pause. */
const FRESH_MS = 10 * 60_000
/** The age up to which the keys are used when they cannot be read again. */
const KEEP_MS = 24 * 3600_000
/** The least time between two readings for unknown key ids, because a caller could invent such ids. */
const UNKNOWN_KEY_PAUSE_MS = 30_000
/** The pause after a failed reading when there are keys of an earlier reading. */
const PAUSE_MS = 30_000
const PAUSE_WITHOUT_KEYS_MS = 5_000
const FETCH_TIMEOUT_MS = 5_000
const MAX_BYTES = 256 * 1024

/** Rejects with KeysUnavailableError when the needed keys cannot be read, else with other errors when no key fits. */
export type KeyFinder = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>

export class KeysUnavailableError extends Error {
  readonly retryAfterSeconds: number

  constructor (retryAfterMs: number) {
    super('the keys of the token issuer cannot be read')
    this.name = 'KeysUnavailableError'
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  }
}

export interface KeyLog { warn: (fields: object, message: string) => void }

/**
 * Makes a finder for the keys at the JWKS address `uri`. While the issuer does not answer, the finder uses the keys of
 * the last good reading, until they are a day old. `now` is a clock in milliseconds.
 *
 * It is not jose's createRemoteJWKSet, which throws when its keys are old and the issuer does not answer. That function
 * also reads an answer of any size, and replaces good keys by a set without keys.
 */
export function createIssuerKeys (uri: string, log: KeyLog, now: () => number = () => performance.now()): KeyFinder {
  let keys: { find: KeyFinder, readAt: number } | null = null
  let reading: Promise<void> | null = null
  let hasFailed = false
  let failedAt = -Infinity
  let askedForUnknownAt = -Infinity

  const pauseLeft = (): number => hasFailed ? failedAt + (keys === null ? PAUSE_WITHOUT_KEYS_MS : PAUSE_MS) - now() : 0

  const readNow = async (): Promise<void> => {
    try {
      keys = { find: finderIn(await fetchKeys(uri)), readAt: now() }
      hasFailed = false
    } catch (error) {
      hasFailed = true
      // The pause begins at the end of the failed reading: the reading alone may take as long as PAUSE_WITHOUT_KEYS_MS.
      failedAt = now()
      log.warn({ err: error }, 'the keys of the token issuer cannot be read')
    }
  }
  /** Requests that need the keys at the same time wait for the same reading. */
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
    // The key may be a new one of the issuer, and the last reading failed. So the token cannot be judged.
    if (hasFailed) throw new KeysUnavailableError(pauseLeft())
    return await (keys ?? before).find(header, token)
  }
}

/**
 * Some issuers list a key twice, or two keys with one id. Then jose throws an error that holds all matching keys, and
 * the finder gives the first one that verifies the token.
 */
function finderIn (set: JSONWebKeySet): KeyFinder {
  const find = createLocalJWKSet(set)
  return async (header, token) => {
    try {
      return await find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      for await (const key of error) {
        const hasSigned = await flattenedVerify(token, key).then(() => true, () => false)
        if (hasSigned) return key
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }
}

/** Redirects are not followed, because only this address is configured. */
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
  // TextDecoder removes a byte order mark, which a file on a web server may begin with.
  const set = JSON.parse(new TextDecoder().decode(Buffer.concat(chunks))) as { keys?: unknown } | null
  // Members of the list that are no keys are left out (RFC 7517, 5). For one that is no object, jose refuses the set.
  const keys = Array.isArray(set?.keys) ? set.keys.filter(isKey) : []
  // A set without keys is a mistake of the issuer. After this error the earlier keys stay in use.
  if (keys.length === 0) throw new Error('its JWKS holds no key')
  return { keys }
}

function isKey (value: unknown): value is JWK {
  return typeof value === 'object' && value !== null && typeof (value as JWK).kty === 'string'
}
