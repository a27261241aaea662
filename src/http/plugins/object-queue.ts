import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { Semaphore } from '../../limits/semaphore.ts'
import { createSingleFlight } from '../../limits/single-flight.ts'
import type { WriteContext } from '../../usage/context.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Runs `work` while no other request of this instance runs work for the same object of the same account. Throws
     * OVERLOADED, without beginning the work, when too many requests wait for the object or the wait is too long.
     */
    runAlone: <Value>(context: WriteContext, id: string, work: () => Promise<Value>) => Promise<Value>
    /** Gives a new function. Only calls of the same function share their work. */
    createRunShared: <Value>() => RunShared<Value>
  }
}

/**
 * Requests of one account that want the same (`what`) for one object at the same time share one run. Two accounts of
 * the callers file with one id in Connect do not share; for `runAlone` they are one account. When the run fails with
 * IDEMPOTENCY_IN_FLIGHT, only the request whose work ran gets the error, and the others share another run.
 */
export type RunShared<Value> =
  (context: WriteContext, id: string, what: string, work: () => Promise<Value>) => Promise<Value>

const LIMITS = { slots: Infinity, slotsPerKey: 1, maxWaiting: 100, maxWaitMs: 30_000 }

/** For writes that need the object to stay as they read it: two writes at the same time could disturb each other. */
export const objectQueue = fp(async (app) => {
  const semaphore = new Semaphore(LIMITS)
  const runAlone: FastifyInstance['runAlone'] = async ({ account: { role, accountId } }, id, work) => {
    const slot = await semaphore.acquire(JSON.stringify([role, accountId, id]))
    if ('refused' in slot) throw tooManyWaiting()
    try {
      return await work()
    } finally {
      slot.release()
    }
  }
  app.decorate('runAlone', runAlone)
  app.decorate('createRunShared', <Value>(): RunShared<Value> => {
    const shared = createSingleFlight<Value>(concernsOneKey)
    return async (context, id, what, work) => {
      const { name, role, accountId } = context.account
      const key = JSON.stringify([name, role, accountId, id, what])
      return await shared.run(key, async () => await runAlone(context, id, work))
    }
  })
}, { name: 'object-queue' })

function tooManyWaiting (): AppError {
  const detail = 'Too many requests for this object are running. Nothing was sent.'
  return new AppError('OVERLOADED', detail, { retryAfterSeconds: 1 })
}

function concernsOneKey (error: unknown): boolean {
  return error instanceof AppError && error.code === 'IDEMPOTENCY_IN_FLIGHT'
}
