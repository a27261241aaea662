import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { sha256Hex, type CallerEntry, type Callers, type PartnerKey, type Scope } from '../callers.ts'
import { AppError } from '../errors/app-error.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a caller must have. Every route behind the auth scope names one. */
    scope?: Scope
  }
  interface FastifyRequest { caller: CallerEntry | null }
}

/**
 * Lets in who holds a valid partner key with the route's scope. The same call that protects a route writes the
 * requirement into its schema, so the document cannot promise a protection that is not there.
 */
export const auth = fp(async (app, options: { callers: Callers }) => {
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
    const caller = authenticate(request, callers)
    request.caller = caller
    if (!caller.scopes.includes(scope)) {
      throw new AppError('SCOPE_MISSING', `This needs the scope ${scope}, which ${caller.id} does not have.`, { extra: { scope } })
    }
  })
}, { name: 'auth' })

/** The authenticated caller; every route behind the auth scope has one. */
export function callerOf (request: FastifyRequest): CallerEntry {
  if (request.caller === null) throw new Error(`${request.routeOptions.url ?? 'route'} is outside the auth scope`)
  return request.caller
}

function scopeOf (route: RouteOptions): Scope {
  const scope = route.config?.scope
  if (scope === undefined) throw new Error(`${String(route.method)} ${route.url} names no scope`)
  return scope
}

function authenticate (request: FastifyRequest, callers: Callers): CallerEntry {
  const key = request.headers['x-api-key']
  if (key === undefined) throw new AppError('UNAUTHENTICATED', missing(request.headers.authorization))
  const caller = typeof key === 'string' && key.length <= 256 ? findByKey(callers, sha256Hex(key)) : null
  if (caller === null) throw new AppError('UNAUTHENTICATED', 'The partner key is unknown or has expired.')
  return caller
}

function missing (authorization: string | undefined): string {
  if (authorization === undefined) return 'Send a partner key in X-API-Key.'
  if (/^ApiKey\s/i.test(authorization)) return 'This service does not take Connect tokens: send your partner key in X-API-Key. Consider that token exposed.'
  return 'Authorization is not a credential of this service: send a partner key in X-API-Key.'
}

/** Compares with every key, whatever matches, so that the time taken tells nothing. */
function findByKey (callers: Callers, hash: string): CallerEntry | null {
  const given = Buffer.from(hash, 'hex')
  let found: CallerEntry | null = null
  for (const entry of callers.entries) {
    for (const key of entry.keys) {
      if (timingSafeEqual(given, Buffer.from(key.sha256, 'hex')) && isLive(key)) found = entry
    }
  }
  return found
}

function isLive (key: PartnerKey): boolean {
  return key.expiresAt === null || key.expiresAt.getTime() > Date.now()
}
