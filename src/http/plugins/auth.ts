import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller, Callers, Scope } from '../../credentials/callers.ts'
import type { CallersSource } from '../../credentials/callers-source.ts'
import type { KeyLog } from '../../credentials/issuer-keys.ts'
import { findByKey } from '../../credentials/partner-keys.ts'
import type { TokenVerifier } from '../../credentials/tokens.ts'
import { AppError } from '../../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a caller must have. Every route behind the auth scope names one. */
    scope?: Scope
  }
  interface FastifyRequest { caller: Caller | null }
}

/**
 * Lets in who holds a valid partner key or token with the route's scope. The same call that protects a route writes the
 * requirement into its schema, so the document cannot promise a protection that is not there.
 */
export const auth = fp(async (app, options: { callers: CallersSource }) => {
  const { callers } = options
  const verify = lazyVerifier(app.log)
  app.decorateRequest('caller', null)
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route)
    const description = [route.schema?.description, `Scope: \`${scope}\`.`].filter(Boolean).join('\n\n')
    route.schema = { ...route.schema, description, security: [{ partnerKey: [scope] }, { bearer: [scope] }] }
  })
  // Before any body is read: nobody unknown can make the service read one.
  app.addHook('onRequest', async (request, reply) => {
    const scope = request.routeOptions.config.scope
    // Addresses that do not exist are nobody's secret, and say so without a credential.
    if (scope === undefined) return
    try {
      const caller = await authenticate(request, callers.current(), verify)
      request.caller = caller
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

/** The authenticated caller; every route behind the auth scope has one. */
export function callerOf (request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url ?? 'route'} is outside the auth scope`)
  return request.caller
}

/**
 * jose is 47 modules, a twentieth of the start, and many installations know partner keys alone: the first token loads
 * it.
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
/** What Connect's own API takes, in whichever header. */
const CONNECT_TOKEN = /^ApiKey\s|\bSU-\d[\d-]*:/i
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i

/** The caller of a request. Throws 401, as WrongCredential where it counts. */
async function authenticate (request: FastifyRequest, callers: Callers, verify: TokenVerifier): Promise<Caller> {
  const { authorization, 'x-api-key': key } = request.headers
  const { tokens } = callers
  const needs = (what: string): [string, string] => tokens === undefined
    ? [`${what} Send a partner key in X-API-Key.`, KEY_CHALLENGE]
    : [`${what} Send a partner key in X-API-Key, or a token as Authorization: Bearer.`, BOTH_CHALLENGES]
  const refuse = (what: string): AppError => refusal(...needs(what))

  // Having sent none is no attempt at one.
  if (authorization === undefined && key === undefined) throw unauthenticated(...needs('No credential was sent.'))
  if (isConnectToken(authorization) || isConnectToken(key)) {
    throw refuse('This service does not take Connect tokens; consider the one you sent exposed.')
  }
  // Which of two was meant is not for the service to guess.
  if (authorization !== undefined && key !== undefined) {
    throw refuse('Two credentials were sent, X-API-Key and Authorization, where one is needed.')
  }
  if (key !== undefined) {
    const caller = typeof key === 'string' ? findByKey(callers, key) : null
    if (caller === null) throw refusal('The partner key is unknown or has expired.', KEY_CHALLENGE)
    return caller
  }
  const token = BEARER.exec(authorization ?? '')?.[1]
  if (tokens === undefined || token === undefined) throw refuse('Authorization holds no credential of this service.')

  const verdict = await verify(token, tokens)
  switch (verdict.kind) {
    case 'caller': return verdict.caller
    case 'refused':
      request.log.info({ reason: verdict.reason }, 'token refused')
      // The issuer made it for this service, so nobody has guessed it.
      if (verdict.hasExpired) throw unauthenticated('The token has expired.', INVALID_TOKEN)
      throw refusal('The token is not valid for this service.', INVALID_TOKEN)
    case 'unknown-account':
      throw new AppError(
        'ACCOUNT_UNKNOWN',
        `The token is valid, but its claim ${tokens.accountClaim} names no account of this service.`
      )
    case 'keys-unavailable':
      throw new AppError(
        'ISSUER_UNAVAILABLE',
        'The keys of the token issuer cannot be got, so no token can be checked. Partner keys work.',
        { retryAfterSeconds: verdict.retryAfterSeconds }
      )
  }
}

function isConnectToken (header: string | string[] | undefined): boolean {
  return typeof header === 'string' && CONNECT_TOKEN.test(header)
}

/** What was shown is no credential of this service: it may be a guess, and counts as one. */
class WrongCredential extends AppError {}

function refusal (detail: string, challenge: string): AppError {
  return new WrongCredential('UNAUTHENTICATED', detail, { challenge })
}

function unauthenticated (detail: string, challenge: string): AppError {
  return new AppError('UNAUTHENTICATED', detail, { challenge })
}
