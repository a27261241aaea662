import type { FastifyInstance } from 'fastify'
import type { FaultRule } from '../fault-book.ts'
import type { Sandbox } from '../sandbox.ts'
import { queryOf } from './collection-route.ts'

export const controlPath = '/__control'

/** By these operations tests control a sandbox in another process. */
export function addControlRoutes (app: FastifyInstance, sandbox: Sandbox, reset: () => Promise<void>): void {
  app.post(`${controlPath}/faults`, async (request, reply) => {
    const rules = Array.isArray(request.body) ? request.body : [request.body]
    try {
      for (const rule of rules) sandbox.faults.add(rule as FaultRule)
    } catch (error) {
      return await reply.code(400).send({ error: error instanceof Error ? error.message : 'bad rule' })
    }
    reply.code(201)
    return { faults: sandbox.faults.rules }
  })

  app.get(`${controlPath}/faults`, async () => ({ faults: sandbox.faults.rules }))

  app.delete(`${controlPath}/faults`, async (_request, reply) => {
    sandbox.faults.clear()
    return await reply.code(204).send()
  })

  app.get(`${controlPath}/ledger`, async (request) => {
    const since = Number(new URLSearchParams(queryOf(request)).get('since') ?? 0)
    return sandbox.ledger.since(Number.isFinite(since) ? since : 0)
  })

  app.delete(`${controlPath}/ledger`, async (_request, reply) => {
    sandbox.ledger.clear()
    return await reply.code(204).send()
  })

  app.post(`${controlPath}/reset`, async (_request, reply) => {
    await reset()
    return await reply.code(204).send()
  })

  app.get(`${controlPath}/summary`, async () => summarise(sandbox))
}

export interface Summary {
  /** How many different records were closed since the start or the last reset. */
  closedRecords: number
  /** For each closed record by its id: how often it was closed. */
  closes: Record<string, number>
  /**
   * For each record by its id: how often a valid request asked to close it, also in vain, or a reconciliation filled
   * both billing cells of it while it was not closed. Closing its chunk or its file does not count.
   */
  closeAttempts: Record<string, number>
  /** The counts of `addEffect`: the id of the object, then the name of the effect. */
  effects: Record<string, Record<string, number>>
}

export function summarise (sandbox: Sandbox): Summary {
  const closes: Record<string, number> = {}
  const closeAttempts: Record<string, number> = {}
  const effects: Record<string, Record<string, number>> = {}
  for (const [id, counts] of sandbox.store.effects) {
    effects[id] = counts
    if (!id.startsWith('UR-')) continue
    if (counts['closed']) closes[id] = counts['closed']
    if (counts['closeAttempts']) closeAttempts[id] = counts['closeAttempts']
  }
  return { closedRecords: Object.keys(closes).length, closes, closeAttempts, effects }
}
