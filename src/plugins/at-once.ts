import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { createPlaces } from '../limits/places.ts'
import { callerOf } from './auth.ts'

export interface AtOnce {
  /** Of all callers, in this process. */
  total: number
  /** Of one caller. */
  each: number
  /** What is counted, for the caller: `uploads`. */
  what: string
}

/**
 * Bounds how many requests of a scope run at once, before any of their bodies is read. For scopes behind the auth scope.
 * A place is held until the answer is complete or the caller has left.
 */
export function limitAtOnce (app: FastifyInstance, { total, each, what }: AtOnce): void {
  const places = createPlaces({ total, each })
  app.addHook('onRequest', (request, reply, done) => {
    // Whoever has left is not heard leaving again.
    if (reply.raw.destroyed) return done()
    const entry = places.enter(callerOf(request).id)
    if ('leave' in entry) {
      reply.raw.once('close', entry.leave)
      return done()
    }
    if (entry.refused !== 'own') throw new AppError('OVERLOADED', `There is no room for more ${what} now.`, { retryAfterSeconds: 1 })
    app.metrics.rateLimited('at_once')
    throw new AppError('RATE_LIMITED', `A caller may have ${each} ${what} under way at once.`, { retryAfterSeconds: 1 })
  })
}
