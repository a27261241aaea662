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

/** All of these have a public and a private key. With HMAC, an attacker could use the public key as the secret. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256']
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_TOKEN_CHARS = 8192
/**
 * The accepted `typ` of a token (RFC 7519, RFC 9068), in any letter case, and also after `application/`. A token may
 * also have no `typ`. Some tokens for other uses have other types, such as `logout+jwt`.
 */
const TYPES = ['jwt', 'at+jwt']
/** The form of the subjects (claim `sub`) that become part of a caller's id unchanged. Other subjects become a hash. */
const PLAIN_SUBJECT = /^[\w.@|+~-]{1,64}$/

export type Verdict =
  | { kind: 'caller', caller: Caller, endsAt: Date }
  /** `reason` is for the log, without values of the token. `hasExpired`: the signature is valid, the time is over. */
  | { kind: 'refused', reason: string, hasExpired: boolean }
  | { kind: 'unknown-account' }
  | { kind: 'keys-unavailable', retryAfterSeconds: number }

export type TokenVerifier = (token: string, settings: TokenSettings) => Promise<Verdict>

/** The verifier does not throw. It uses one KeyFinder until the settings name another `jwksUri`. */
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
      : {
          kind: 'caller',
          caller: { id: callerId(account, sub), account, scopes: scopesOf(claims, settings, account) },
          endsAt: new Date(((claims.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1000)
        }
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

/** Gives the scopes that the token grants and the role of the account allows. Unknown scopes are ignored. */
function scopesOf (claims: JWTPayload, { scopeClaim }: TokenSettings, account: Account): Scope[] {
  const given = Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined
  const names: unknown[] = typeof given === 'string' ? given.split(' ') : Array.isArray(given) ? given : []
  return SCOPES.filter(scope => names.includes(scope) && SCOPES_BY_ROLE[account.role].includes(scope))
}

/**
 * Ids in the callers file have no colon, so no id of a token equals one of them. The id has the account, because one
 * person may act for two accounts, whose idempotency keys must stay apart.
 */
function callerId (account: Account, subject: string): string {
  return `jwt:${account.name}:${PLAIN_SUBJECT.test(subject) ? subject : `sha256:${sha256Hex(subject).slice(0, 32)}`}`
}
