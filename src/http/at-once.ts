import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { Semaphore } from '../limits/semaphore.ts'
import { callerOf } from './plugins/auth.ts'
import { workOf } from './plugins/work.ts'

export interface AtOnce {
  /** The most requests of all callers that this process runs at the same time. */
  total: number
  /** The most requests of one caller that this process runs at the same time. */
  each: number
  /** The noun for error details, in the plural, such as `uploads`. */
  what: string
}

/**
 * Adds a limit to the routes of `app`: how many requests run at the same time. The check comes before a body is read.
 * The routes must be behind the auth plugin. A request holds its slot until its answer and its work are both over, even
 * when the caller leaves earlier. Throws OVERLOADED at `total` and RATE_LIMITED at `each`.
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
