import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { listAssetUsageAggregates } from './list-asset-usage-aggregates.ts'
import { listAssets } from './list-assets.ts'

export const assetsRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [listAssets, listAssetUsageAggregates])
}
