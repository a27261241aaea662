import type { RoutePlugin } from '../../src/type-provider.ts'
import { downloadReconciliationResult } from './download-reconciliation-result.ts'
import { downloadReconciliationUpload } from './download-reconciliation-upload.ts'
import { getReconciliation } from './get-reconciliation.ts'
import { listReconciliations } from './list-reconciliations.ts'

/** Reconciliations, but for their creation, which takes a workbook. */
export const reconciliationsRoutes: RoutePlugin = async (app) => {
  await app.register(listReconciliations)
  await app.register(getReconciliation)
  await app.register(downloadReconciliationUpload)
  await app.register(downloadReconciliationResult)
}
