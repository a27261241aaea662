import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Caller, Callers, Scope } from '../callers.ts'
import type { CallersSource } from '../credentials/callers-source.ts'
import { findByKey } from '../credentials/partner-keys.ts'
import { AppError } from '../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a caller must have. Every route behind the auth scope names one. */
    scope?: Scope
  }
  interface FastifyRequest { caller: Caller | null }
}

/**
 * Lets in who holds a valid partner key with the route's scope. The same call that protects a route writes the
 * requirement into its schema, so the document cannot promise a protection that is not there.
 */
export const auth = fp(async (app, options: { callers: CallersSource }) => {
  const { callers } = options
  app.decorateRequest('caller', null)
  app.addHook('onRoute', (route) => {
    const scope = scopeOf(route)
    route.schema = { ...route.schema, security: [{ partnerKey: [scope] }] }
  })
  // Before any body is read: nobody unknown can make the service read one.
  app.addHook('onRequest', async (request) => {
    const scope = request.routeOptions.config.scope
    // Addresses that do not exist are nobody's secret, and say so without a credential.
    if (scope === undefined) return
    const caller = authenticate(request, callers.current())
    request.caller = caller
    if (!caller.scopes.includes(scope)) {
      throw new AppError('SCOPE_MISSING', `This needs the scope ${scope}, which ${caller.id} does not have.`, { extra: { scope } })
    }
  })
}, { name: 'auth' })

/** The authenticated caller; every route behind the auth scope has one. */
export function callerOf (request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url ?? 'route'} is outside the auth scope`)
  return request.caller
}

function scopeOf (route: RouteOptions): Scope {
  const scope = route.config?.scope
  if (scope === undefined) throw new Error(`${String(route.method)} ${route.url} names no scope`)
  return scope
}

/** What Connect's own API takes, in whichever header. */
const CONNECT_TOKEN = /^ApiKey\s|\bSU-\d[\d-]*:/i

/** The caller of a request. Whoever is none is told so by `refusal`, and by nothing else. */
function authenticate (request: FastifyRequest, callers: Callers): Caller {
  const { authorization, 'x-api-key': key } = request.headers
  if (isConnectToken(authorization) || isConnectToken(key)) {
    throw refusal('This service does not take Connect tokens: send your partner key in X-API-Key. Consider that token exposed.')
  }
  if (key === undefined) throw refusal(authorization === undefined ? 'Send a partner key in X-API-Key.' : 'Authorization is not a credential of this service: send a partner key in X-API-Key.')
  const caller = typeof key === 'string' ? findByKey(callers, key) : null
  if (caller === null) throw refusal('The partner key is unknown or has expired.')
  return caller
}

function isConnectToken (header: string | string[] | undefined): boolean {
  return typeof header === 'string' && CONNECT_TOKEN.test(header)
}

/** Every failed authentication. */
function refusal (detail: string): AppError {
  return new AppError('UNAUTHENTICATED', detail)
}
