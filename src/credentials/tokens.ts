import { errors, jwtVerify, type JWTPayload } from 'jose'
import {
  SCOPES,
  SCOPES_BY_ROLE,
  sha256Hex,
  type Account,
  type Caller,
  type Scope,
  type TokenSettings
} from './callers.ts'
import { createIssuerKeys, KeysUnavailableError, type KeyFinder, type KeyLog } from './issuer-keys.ts'

/** Signatures by asymmetric keys alone: a public key must never serve as the secret of an HMAC. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256']
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_TOKEN_CHARS = 8192
/**
 * What a token may call itself (RFC 7519, RFC 9068): nothing, or one of these. Those for other purposes name others.
 */
const TYPES = ['jwt', 'at+jwt']
/** Subjects that can stand in a log line as they are. */
const PLAIN_SUBJECT = /^[\w.@|+~-]{1,64}$/

export type Verdict =
  | { kind: 'caller', caller: Caller }
  /**
   * `reason` is for the log: a code of the library and the name of a claim, nothing of the token. `hasExpired`: all
   * else is right, signature, issuer and audience among it.
   */
  | { kind: 'refused', reason: string, hasExpired: boolean }
  | { kind: 'unknown-account' }
  | { kind: 'keys-unavailable', retryAfterSeconds: number }

export type TokenVerifier = (token: string, settings: TokenSettings) => Promise<Verdict>

/** Verifies tokens of the issuer in the settings. Its keys are kept as long as their address stays the same. */
export function createTokenVerifier (log: KeyLog): TokenVerifier {
  let keys: { uri: string, find: KeyFinder } | null = null
  return async (token, settings) => {
    if (token.length > MAX_TOKEN_CHARS) return refused('too long')
    if (keys?.uri !== settings.jwksUri) keys = { uri: settings.jwksUri, find: createIssuerKeys(settings.jwksUri, log) }
    let claims: JWTPayload
    try {
      const verified = await jwtVerify(token, keys.find, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub']
      })
      const type = verified.protectedHeader.typ?.toLowerCase().replace(/^application\//, '')
      if (type !== undefined && !TYPES.includes(type)) return refused('typ')
      claims = verified.payload
    } catch (error) {
      if (error instanceof KeysUnavailableError) {
        return { kind: 'keys-unavailable', retryAfterSeconds: error.retryAfterSeconds }
      }
      return refused(reasonOf(error), error instanceof errors.JWTExpired)
    }
    const { sub } = claims
    if (typeof sub !== 'string' || sub === '') return refused('sub')
    const account = accountOf(claims, settings)
    return account === undefined
      ? { kind: 'unknown-account' }
      : { kind: 'caller', caller: { id: callerId(account, sub), account, scopes: scopesOf(claims, settings, account) } }
  }
}

function refused (reason: string, hasExpired = false): Verdict {
  return { kind: 'refused', reason, hasExpired }
}

function reasonOf (error: unknown): string {
  const { code, claim } = error as { code?: unknown, claim?: unknown }
  return `${typeof code === 'string' ? code : 'unusable key'}${typeof claim === 'string' ? ` ${claim}` : ''}`
}

function accountOf (claims: JWTPayload, { accountClaim, accounts }: TokenSettings): Account | undefined {
  const name = Object.hasOwn(claims, accountClaim) ? claims[accountClaim] : undefined
  return typeof name === 'string' ? accounts.get(name) : undefined
}

/** What the token grants and the account's role can have; other scopes of the token are for others. */
function scopesOf (claims: JWTPayload, { scopeClaim }: TokenSettings, account: Account): Scope[] {
  const given = Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined
  const names: unknown[] = typeof given === 'string' ? given.split(' ') : Array.isArray(given) ? given : []
  return SCOPES.filter(scope => names.includes(scope) && SCOPES_BY_ROLE[account.role].includes(scope))
}

/**
 * The colon keeps it apart from the ids of the callers file. The account is part of it: what is kept for a person who
 * acts for one account must not be met when the same person acts for another.
 */
function callerId (account: Account, subject: string): string {
  return `jwt:${account.name}:${PLAIN_SUBJECT.test(subject) ? subject : `sha256:${sha256Hex(subject).slice(0, 32)}`}`
}
