import type { RoutePlugin } from '../../src/type-provider.ts'
import { listAssetUsageAggregates } from './list-asset-usage-aggregates.ts'

export const assetsRoutes: RoutePlugin = async (app) => {
  await app.register(listAssetUsageAggregates)
}
