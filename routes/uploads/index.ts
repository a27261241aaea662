import type { FastifyPluginAsync } from 'fastify'
import { uploads } from '../../src/http/plugins/uploads.ts'
import type { UploadLimits } from '../../src/streaming/incoming-file.ts'
import { createReconciliation } from './create-reconciliation.ts'
import { reconcileUsageFile } from './reconcile-usage-file.ts'
import { uploadUsageFile } from './upload-usage-file.ts'

/** The operations whose body is a workbook: the form parser and its limits exist only here. */
export const uploadRoutes: FastifyPluginAsync<{ limits: UploadLimits }> = async (app, { limits }) => {
  await app.register(uploads, limits)
  await app.register(uploadUsageFile)
  await app.register(reconcileUsageFile)
  await app.register(createReconciliation)
}
