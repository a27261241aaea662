import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller, Callers, Scope } from '../../credentials/callers.ts'
import type { CallersSource } from '../../credentials/callers-source.ts'
import type { KeyLog } from '../../credentials/issuer-keys.ts'
import { findByKey } from '../../credentials/partner-keys.ts'
import type { TokenVerifier } from '../../credentials/tokens.ts'
import { AppError } from '../../errors/app-error.ts'

const CALLER = Symbol('caller')

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a caller needs. Every route behind the auth plugin names one. */
    scope?: Scope
  }
  interface FastifyRequest { [CALLER]: Caller | null }
}

/**
 * Authenticates every request by a partner key or a token, and checks the scope of the route. The same plugin writes
 * the requirement into the schema of the route, so the OpenAPI document always says what is checked.
 */
export const auth = fp(async (app, options: { callers: CallersSource }) => {
  const { callers } = options
  const verify = lazyVerifier(app.log)
  app.decorateRequest(CALLER, null)
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route)
    const description = [route.schema?.description, `Scope: \`${scope}\`.`].filter(Boolean).join('\n\n')
    route.schema = { ...route.schema, description, security: [{ partnerKey: [scope] }, { bearer: [scope] }] }
  })
  // In onRequest, which runs before a body is read: the service reads no body of an unknown caller.
  app.addHook('onRequest', async (request, reply) => {
    const scope = request.routeOptions.config.scope
    // Only paths that do not exist have no scope. They answer 404 without a credential.
    if (scope === undefined) return
    try {
      const caller = await authenticate(request, callers.current(), verify)
      request[CALLER] = caller
      request.journal.add({ kind: 'caller-known', caller })
    } catch (error) {
      if (error instanceof WrongCredential) await app.rateLimit.countWrongCredential(request, reply)
      throw error
    }
    const caller = callerOf(request)
    await app.rateLimit.countRequest(reply, caller.id)
    if (!caller.scopes.includes(scope)) {
      throw new AppError('SCOPE_MISSING', `This needs the scope ${scope}, which ${caller.id} does not have.`, {
        extra: { scope }
      })
    }
  })
}, { name: 'auth', dependencies: ['rate-limit'] })

/** Gives the authenticated caller. Throws Error for a route that is not behind the auth plugin. */
export function callerOf (request: FastifyRequest): Caller {
  const caller = request[CALLER]
  if (caller === null) throw new Error(`${request.routeOptions.url ?? 'route'} is not behind the auth plugin`)
  return caller
}

/**
 * Makes a verifier that loads jose with the first token. jose has about 45 modules and takes 5 % of the start time, and
 * many installations use no tokens.
 */
function lazyVerifier (log: KeyLog): TokenVerifier {
  let loaded: Promise<TokenVerifier> | undefined
  return async (token, settings) => {
    loaded ??= import('../../credentials/tokens.ts').then(({ createTokenVerifier }) => createTokenVerifier(log))
    return await (await loaded)(token, settings)
  }
}

function scopeOf (route: RouteOptions): Scope {
  const scope = route.config?.scope
  if (scope === undefined) throw new Error(`${String(route.method)} ${route.url} names no scope`)
  return scope
}

const REALM = 'realm="connect-usage-bff"'
const KEY_CHALLENGE = `X-API-Key ${REALM}`
const TOKEN_CHALLENGE = `Bearer ${REALM}`
const BOTH_CHALLENGES = `${KEY_CHALLENGE}, ${TOKEN_CHALLENGE}`
const INVALID_TOKEN = `${TOKEN_CHALLENGE}, error="invalid_token"`
/** A token of Connect's own API. Callers send one by mistake, in either header. */
const CONNECT_TOKEN = /^ApiKey\s|\bSU-\d[\d-]*:/i
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i

/**
 * Gives the caller of a request. Throws UNAUTHENTICATED, as WrongCredential where the rate limit counts the credential;
 * ACCOUNT_UNKNOWN; ISSUER_UNAVAILABLE.
 */
async function authenticate (request: FastifyRequest, callers: Callers, verify: TokenVerifier): Promise<Caller> {
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
    const caller = typeof key === 'string' ? findByKey(callers, key) : null
    if (caller === null) throw wrongCredential('The partner key is unknown or has expired.', KEY_CHALLENGE)
    return caller
  }
  const token = BEARER.exec(authorization ?? '')?.[1]
  if (tokens === undefined || token === undefined) throw refuse('Authorization holds no credential of this service.')

  const verdict = await verify(token, tokens)
  switch (verdict.kind) {
    case 'caller': return verdict.caller
    case 'refused':
      request.log.info({ reason: verdict.reason }, 'token refused')
      // The issuer made this token for this service. It is not a guess, so it is not counted.
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

/** The request had a credential that this service does not know. It may be a guess, so the rate limit counts it. */
class WrongCredential extends AppError {}

function wrongCredential (detail: string, challenge: string): AppError {
  return new WrongCredential('UNAUTHENTICATED', detail, { challenge })
}

function unauthenticated (detail: string, challenge: string): AppError {
  return new AppError('UNAUTHENTICATED', detail, { challenge })
}
