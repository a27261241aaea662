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

/**
 * The accepted algorithms of signatures. All of them have a public and a private key. With HMAC, which has one secret
 * for both, an attacker could use the public key as the secret.
 */
const ALGORITHMS = ['RS256', 'PS256', 'ES256']
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_TOKEN_CHARS = 8192
/**
 * The accepted types of a token (`typ` in its head, RFC 7519, RFC 9068), in lower case and without `application/`. A
 * token without a type is accepted, too. Tokens for other uses have other types.
 */
const TYPES = ['jwt', 'at+jwt']
/** The form of the subjects (claim `sub`) that become part of a caller's id unchanged. Other subjects become a hash. */
const PLAIN_SUBJECT = /^[\w.@|+~-]{1,64}$/

export type Verdict =
  | { kind: 'caller', caller: Caller, endsAt: Date }
  /**
   * The token is refused. `reason` is for the log, without values of the token: our word for the fault, or an error
   * code of jose and the name of a claim. `hasExpired`: the signature of the token is valid, and its time is over.
   */
  | { kind: 'refused', reason: string, hasExpired: boolean }
  | { kind: 'unknown-account' }
  | { kind: 'keys-unavailable', retryAfterSeconds: number }

export type TokenVerifier = (token: string, settings: TokenSettings) => Promise<Verdict>

/**
 * Makes a verifier of tokens. The verifier never throws: it gives a Verdict for every token. It keeps the keys of the
 * issuer until the settings name another address for them.
 */
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

/**
 * Gives the scopes that both the token grants and the role of the account allows; none without the claim. Unknown
 * scopes are ignored.
 */
function scopesOf (claims: JWTPayload, { scopeClaim }: TokenSettings, account: Account): Scope[] {
  const given = Object.hasOwn(claims, scopeClaim) ? claims[scopeClaim] : undefined
  const names: unknown[] = typeof given === 'string' ? given.split(' ') : Array.isArray(given) ? given : []
  return SCOPES.filter(scope => names.includes(scope) && SCOPES_BY_ROLE[account.role].includes(scope))
}

/**
 * Gives the id of a caller that sent a token: `jwt:`, the name of the account, a colon, and the subject or a hash of
 * it. Ids in the callers file have no colon, so no id of a token equals one of them. The id has the account, because
 * one person may act for two accounts, whose idempotency keys must stay apart.
 */
function callerId (account: Account, subject: string): string {
  return `jwt:${account.name}:${PLAIN_SUBJECT.test(subject) ? subject : `sha256:${sha256Hex(subject).slice(0, 32)}`}`
}
