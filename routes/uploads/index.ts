import type { FastifyPluginAsync } from 'fastify'
import { tableBody } from '../../schemas/rows-input.ts'
import { uploads } from '../../src/http/plugins/uploads.ts'
import { createReconciliation } from './create-reconciliation.ts'
import { reconcileUsageFile } from './reconcile-usage-file.ts'
import { uploadUsageFile } from './upload-usage-file.ts'

/** The operations whose body is a workbook: the form parser and its limits exist only here. */
export const uploadRoutes: FastifyPluginAsync = async (app) => {
  await app.register(uploads, { types: Object.keys(tableBody('').content) })
  await app.register(uploadUsageFile)
  await app.register(reconcileUsageFile)
  await app.register(createReconciliation)
}
