import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { listUsageAggregates } from './list-usage-aggregates.ts'

export const usageAggregatesRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [listUsageAggregates])
}
