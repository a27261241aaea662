import type { FastifyInstance } from 'fastify'
import type { RoutePlugin } from '../type-provider.ts'

/**
 * Adds operations to `app` itself, and not to a child of it. With `app.register`, Fastify would make a scope of hooks
 * and parsers for each operation. No operation needs its own scope, and the scopes would take a tenth of the start
 * time.
 */
export async function addOperations (app: FastifyInstance, operations: readonly RoutePlugin[]): Promise<void> {
  for (const addOperation of operations) await addOperation(app as Parameters<RoutePlugin>[0], {})
}
