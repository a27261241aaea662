import type { FastifyPluginAsync } from 'fastify'
import { uploads } from '../../src/http/plugins/uploads.ts'
import type { BodyLimits } from '../../src/streaming/request-body.ts'
import { createReconciliation } from './create-reconciliation.ts'
import { reconcileUsageFile } from './reconcile-usage-file.ts'
import { uploadUsageFile } from './upload-usage-file.ts'

/** The operations whose body is a workbook: the form parser and its limits exist only here. */
export const uploadRoutes: FastifyPluginAsync<{ limits: BodyLimits }> = async (app, { limits }) => {
  await app.register(uploads, limits)
  await app.register(uploadUsageFile)
  await app.register(reconcileUsageFile)
  await app.register(createReconciliation)
}
