import type { FastifyInstance } from 'fastify'
import type { RoutePlugin } from '../type-provider.ts'

/**
 * Adds the routes of the operations to `app` itself. `app.register` would make a scope of hooks and parsers for each
 * operation, which takes a tenth of the start time.
 */
export async function addOperations (app: FastifyInstance, operations: readonly RoutePlugin[]): Promise<void> {
  for (const addOperation of operations) await addOperation(app as Parameters<RoutePlugin>[0], {})
}
