import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { getLiveness } from './get-liveness.ts'
import { getReadiness } from './get-readiness.ts'

export const healthRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [getLiveness, getReadiness])
}
