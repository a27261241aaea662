import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { Semaphore } from '../limits/semaphore.ts'
import { callerOf } from './plugins/auth.ts'
import { workOf } from './plugins/work.ts'

export interface AtOnce {
  /** Of all callers, in this process. */
  total: number
  /** Of one caller. */
  each: number
  /** What is counted, for the caller: `uploads`. */
  what: string
}

/**
 * Bounds how many requests of a scope run at once, before any of their bodies is read. For scopes behind the auth
 * scope. A slot is held until both the answer and the work of the request are over: a caller that leaves frees nothing
 * early.
 */
export function limitAtOnce (app: FastifyInstance, { total, each, what }: AtOnce): void {
  const semaphore = new Semaphore({ slots: total, slotsPerKey: each })
  app.addHook('onRequest', (request, _reply, done) => {
    const work = workOf(request)
    // The caller has left, so the handler does not begin.
    if (work.isOver) return done()
    const slot = semaphore.tryAcquire(callerOf(request).id)
    if ('release' in slot) {
      work.whenOver(slot.release)
      return done()
    }
    if (slot.refused === 'full') {
      throw new AppError('OVERLOADED', `There is no room for more ${what} now.`, { retryAfterSeconds: 1 })
    }
    app.metrics.rateLimited('at_once')
    throw new AppError('RATE_LIMITED', `A caller may have ${each} ${what} under way at once.`, { retryAfterSeconds: 1 })
  })
}
