import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { Semaphore } from '../../limits/semaphore.ts'
import { createSharedWork } from '../../limits/shared-work.ts'
import type { WriteContext } from '../../usage/context.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Does `work` while no other request of this instance does any for this object of the caller's Connect account.
     * Throws OVERLOADED, with the work not begun, when too many wait for the object or the wait is too long.
     */
    inTurn: <Value>(context: WriteContext, id: string, work: () => Promise<Value>) => Promise<Value>
    /** Makes a `SharedTurns` of its own. */
    shareTurns: <Value>() => SharedTurns<Value>
  }
}

/**
 * As `inTurn`; requests of one account for one object that want the same (`what`) at the same time share one work, and
 * its outcome, a failure too.
 */
export type SharedTurns<Value> =
  (context: WriteContext, id: string, what: string, work: () => Promise<Value>) => Promise<Value>

/** One request at a time for each object. */
const LIMITS = { slots: Infinity, slotsPerKey: 1, maxWaiting: 100, maxWaitMs: 30_000 }

/** For writes that read an object and send what they make of it: two at once would undo each other. */
export const turns = fp(async (app) => {
  const semaphore = new Semaphore(LIMITS)
  const inTurn: FastifyInstance['inTurn'] = async ({ account: { role, accountId } }, id, work) => {
    const slot = await semaphore.acquire(JSON.stringify([role, accountId, id]))
    if ('refused' in slot) throw tooMany()
    try {
      return await work()
    } finally {
      slot.release()
    }
  }
  app.decorate('inTurn', inTurn)
  app.decorate('shareTurns', <Value>(): SharedTurns<Value> => {
    const shared = createSharedWork<Value>(isOfOneKey)
    return async (context, id, what, work) => {
      const { name, role, accountId } = context.account
      const key = JSON.stringify([name, role, accountId, id, what])
      return await shared.run(key, async () => await inTurn(context, id, work))
    }
  })
}, { name: 'turns' })

function tooMany (): AppError {
  const detail = 'Too many requests for this object are running. Nothing was sent.'
  return new AppError('OVERLOADED', detail, { retryAfterSeconds: 1 })
}

/** What the store says about the key of one request says nothing about the others. */
function isOfOneKey (error: unknown): boolean {
  return error instanceof AppError && error.code === 'IDEMPOTENCY_IN_FLIGHT'
}
