import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { Semaphore } from '../limits/semaphore.ts'
import { callerOf } from './plugins/auth.ts'
import { workOf } from './plugins/work.ts'

export interface AtOnce {
  /** The most requests of all callers that this process runs at the same time. */
  total: number
  /** The most requests of one caller that this process runs at the same time. */
  each: number
  /** The noun for these requests in error details, in the plural, such as `uploads`. */
  what: string
}

/**
 * Limits how many requests to the routes of `app` run at the same time. A request takes a slot before its body is read.
 * The slot is released when the answer and the work of the request are both over, or by `releaseSlots` when the request
 * only waits from then on. Further requests get OVERLOADED at `total` and RATE_LIMITED at `each`.
 */
export function limitAtOnce (app: FastifyInstance, limit: AtOnce): void {
  const slots = slotsOf(limit)
  app.addHook('onRequest', (request, _reply, done) => {
    holdSlot(request, slots)
    done()
  })
}

export interface Slots extends AtOnce { semaphore: Semaphore }

export function slotsOf (limit: AtOnce): Slots {
  return { ...limit, semaphore: new Semaphore({ slots: limit.total, slotsPerKey: limit.each }) }
}

/**
 * Takes a slot for a request. `releaseSlots` of its work, or the end of the work, releases the slot. Throws OVERLOADED
 * when all slots are taken, and RATE_LIMITED when the caller has `each` of them.
 */
export function holdSlot (request: FastifyRequest, { semaphore, each, what }: Slots): void {
  const work = workOf(request)
  // The caller has left, so the handler does not begin and needs no slot.
  if (work.isOver) return
  const slot = semaphore.tryAcquire(callerOf(request).id)
  if ('release' in slot) return work.holdSlot(slot.release)
  if (slot.refused === 'full') {
    throw new AppError('OVERLOADED', `There is no room for more ${what} now.`, { retryAfterSeconds: 1 })
  }
  request.server.metrics.rateLimited('at_once')
  throw new AppError('RATE_LIMITED', `A caller may have ${each} ${what} under way at once.`, { retryAfterSeconds: 1 })
}
