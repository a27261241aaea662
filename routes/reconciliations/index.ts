import { addOperations } from '../../src/http/add-operations.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { downloadReconciliationResult } from './download-reconciliation-result.ts'
import { downloadReconciliationUpload } from './download-reconciliation-upload.ts'
import { getReconciliation } from './get-reconciliation.ts'
import { listReconciliations } from './list-reconciliations.ts'

/** The operations on reconciliations, without createReconciliation, which sends a workbook (routes/uploads). */
export const reconciliationsRoutes: RoutePlugin = async (app) => {
  await addOperations(app, [
    listReconciliations,
    getReconciliation,
    downloadReconciliationUpload,
    downloadReconciliationResult
  ])
}
