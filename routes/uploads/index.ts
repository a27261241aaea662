import type { FastifyPluginAsync } from 'fastify'
import { tableBody } from '../../schemas/rows-input.ts'
import { addOperations } from '../../src/http/add-operations.ts'
import { uploads } from '../../src/http/plugins/uploads.ts'
import { createReconciliation } from './create-reconciliation.ts'
import { reconcileUsageFile } from './reconcile-usage-file.ts'
import { uploadUsageFile } from './upload-usage-file.ts'

/**
 * The operations whose body goes to Connect as a workbook: the workbook in the body, or one that the service makes or
 * fills with the rows in the body.
 */
export const uploadRoutes: FastifyPluginAsync = async (app) => {
  await app.register(uploads, { types: Object.keys(tableBody('').content) })
  await addOperations(app, [uploadUsageFile, reconcileUsageFile, createReconciliation])
}
