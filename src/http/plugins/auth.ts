import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller, Callers, Scope } from '../../credentials/callers.ts'
import type { CallersSource } from '../../credentials/callers-source.ts'
import type { KeyLog } from '../../credentials/issuer-keys.ts'
import { findByKey } from '../../credentials/partner-keys.ts'
import type { TokenVerifier } from '../../credentials/tokens.ts'
import { AppError } from '../../errors/app-error.ts'

const CALLER = Symbol('caller')
const CREDENTIAL_END = Symbol('credential end')

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The scope that the caller needs; null where any credential is enough. Routes behind the auth plugin must set it.
     */
    scope?: Scope | null
  }
  interface FastifyInstance {
    /**
     * Whether the credential has not expired, and the callers file has the same account with the same Connect token.
     * A partner key must also still be that of the same caller, with all scopes that the request had. Asked for open
     * streams, because the callers file may be read again meanwhile.
     */
    isStillAllowed: (request: FastifyRequest) => boolean
  }
  interface FastifyRequest {
    [CALLER]: Caller | null
    /**
     * When the credential expires. Null for a credential that does not expire, and before the credential was checked.
     */
    [CREDENTIAL_END]: Date | null
  }
}

/**
 * Checks the credential of each request, the rate limit of its caller, and the scope of the route. Also writes the
 * scope of each route into its schema, so that the OpenAPI document says what is checked.
 */
export const auth = fp(async (app, options: { callers: CallersSource }) => {
  const { callers } = options
  const verify = lazyVerifier(app.log)
  app.decorateRequest(CALLER, null)
  app.decorateRequest(CREDENTIAL_END, null)
  app.decorate('isStillAllowed', request => isStillAllowed(request, callers.current()))
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route)
    const needed = scope === null ? 'Needs a credential, but no scope.' : `Scope: \`${scope}\`.`
    const description = [route.schema?.description, needed].filter(Boolean).join('\n\n')
    const scopes = scope === null ? [] : [scope]
    route.schema = { ...route.schema, description, security: [{ partnerKey: scopes }, { bearer: scopes }] }
  })
  // The check is in onRequest, which runs before a body is read.
  app.addHook('onRequest', async (request, reply) => {
    const scope = request.routeOptions.config.scope
    // Each route names a scope (see `scopeOf`), so only a request without a route has none.
    if (scope === undefined) return
    try {
      const { caller, endsAt } = await authenticate(request, callers.current(), verify)
      request[CALLER] = caller
      request[CREDENTIAL_END] = endsAt
      request.journal.add({ kind: 'caller-known', caller })
    } catch (error) {
      if (error instanceof WrongCredential) await app.rateLimit.countWrongCredential(request, reply)
      throw error
    }
    await app.rateLimit.countRequest(reply, callerOf(request).id)
    if (scope !== null) requireScope(request, scope)
  })
}, { name: 'auth', dependencies: ['rate-limit'] })

export function requireScope (request: FastifyRequest, scope: Scope): void {
  const { id, scopes } = callerOf(request)
  if (scopes.includes(scope)) return
  throw new AppError('SCOPE_MISSING', `This needs the scope ${scope}, which ${id} does not have.`, { extra: { scope } })
}

/** Throws Error for a route that is not behind the auth plugin. */
export function callerOf (request: FastifyRequest): Caller {
  const caller = request[CALLER]
  if (caller === null) throw new Error(`${request.routeOptions.url ?? 'route'} is not behind the auth plugin`)
  return caller
}

/** Infinity for a credential that does not expire; 0 or less for one that has expired. */
export function credentialLeftMs (request: FastifyRequest): number {
  const endsAt = request[CREDENTIAL_END]
  return endsAt === null ? Infinity : endsAt.getTime() - Date.now()
}

function isStillAllowed (request: FastifyRequest, callers: Callers): boolean {
  const { id, account, scopes } = callerOf(request)
  const { 'x-api-key': key } = request.headers
  const found = typeof key === 'string' ? findByKey(callers, key)?.caller : undefined
  const now = typeof key === 'string' ? found?.account : callers.tokens?.accounts.get(account.name)
  const hasScopes = found === undefined || (found.id === id && scopes.every(scope => found.scopes.includes(scope)))
  return credentialLeftMs(request) > 0 && hasScopes && now !== undefined &&
    now.role === account.role && now.accountId === account.accountId && now.apiKey === account.apiKey
}

/**
 * Loads the package jose when the first token comes. It has about 45 modules and would take 5 % of the start time, and
 * many installations use no tokens.
 */
function lazyVerifier (log: KeyLog): TokenVerifier {
  let loaded: Promise<TokenVerifier> | undefined
  return async (token, settings) => {
    loaded ??= import('../../credentials/tokens.ts').then(({ createTokenVerifier }) => createTokenVerifier(log))
    return await (await loaded)(token, settings)
  }
}

function scopeOf (route: RouteOptions): Scope | null {
  const scope = route.config?.scope
  if (scope === undefined) throw new Error(`${String(route.method)} ${route.url} names no scope`)
  return scope
}

export const REALM = 'realm="connect-usage-bff"'
const KEY_CHALLENGE = `X-API-Key ${REALM}`
const TOKEN_CHALLENGE = `Bearer ${REALM}`
const BOTH_CHALLENGES = `${KEY_CHALLENGE}, ${TOKEN_CHALLENGE}`
const INVALID_TOKEN = `${TOKEN_CHALLENGE}, error="invalid_token"`
/** Matches a token of Connect's own API. Some callers send one by mistake, in X-API-Key or in Authorization. */
const CONNECT_TOKEN = /^ApiKey\s|\bSU-\d[\d-]*:/i
export const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i

/** `endsAt`: null if the credential does not expire. Throws UNAUTHENTICATED, ACCOUNT_UNKNOWN or ISSUER_UNAVAILABLE. */
async function authenticate (
  request: FastifyRequest, callers: Callers, verify: TokenVerifier
): Promise<{ caller: Caller, endsAt: Date | null }> {
  const { authorization, 'x-api-key': key } = request.headers
  const { tokens } = callers
  const explain = (what: string): [string, string] => tokens === undefined
    ? [`${what} Send a partner key in X-API-Key.`, KEY_CHALLENGE]
    : [`${what} Send a partner key in X-API-Key, or a token as Authorization: Bearer.`, BOTH_CHALLENGES]
  const refuse = (what: string): AppError => wrongCredential(...explain(what))

  // A request without a credential is not counted as a wrong credential.
  if (authorization === undefined && key === undefined) throw unauthenticated(...explain('No credential was sent.'))
  if (isConnectToken(authorization) || isConnectToken(key)) {
    throw refuse('This service does not take Connect tokens; consider the one you sent exposed.')
  }
  // The service does not guess which of two credentials the caller means.
  if (authorization !== undefined && key !== undefined) {
    throw refuse('Two credentials were sent, X-API-Key and Authorization, where one is needed.')
  }
  if (key !== undefined) {
    const found = typeof key === 'string' ? findByKey(callers, key) : null
    if (found === null) throw wrongCredential('The partner key is unknown or has expired.', KEY_CHALLENGE)
    return found
  }
  const token = BEARER.exec(authorization ?? '')?.[1]
  if (tokens === undefined || token === undefined) throw refuse('Authorization holds no credential of this service.')

  const verdict = await verify(token, tokens)
  switch (verdict.kind) {
    case 'caller': return verdict
    case 'refused':
      request.log.info({ reason: verdict.reason }, 'token refused')
      // The issuer made this token for this service, so it is no guess. It is not counted as a wrong credential.
      if (verdict.hasExpired) throw unauthenticated('The token has expired.', INVALID_TOKEN)
      throw wrongCredential('The token is not valid for this service.', INVALID_TOKEN)
    case 'unknown-account':
      throw new AppError(
        'ACCOUNT_UNKNOWN',
        `The token is valid, but its claim ${tokens.accountClaim} names no account of this service.`
      )
    case 'keys-unavailable':
      throw new AppError(
        'ISSUER_UNAVAILABLE',
        'The keys of the token issuer cannot be read, so no token can be checked. Partner keys work.',
        { retryAfterSeconds: verdict.retryAfterSeconds }
      )
  }
}

function isConnectToken (header: string | string[] | undefined): boolean {
  return typeof header === 'string' && CONNECT_TOKEN.test(header)
}

/** The error for a credential that may be a guess. The rate limit counts it. */
class WrongCredential extends AppError {}

function wrongCredential (detail: string, challenge: string): AppError {
  return new WrongCredential('UNAUTHENTICATED', detail, { challenge })
}

function unauthenticated (detail: string, challenge: string): AppError {
  return new AppError('UNAUTHENTICATED', detail, { challenge })
}
