import { problems } from '../../schemas/problem.ts'
import { workbook } from '../../schemas/responses.ts'
import { ReconciliationParams } from '../../schemas/reconciliation-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { workbookHeaders } from '../../src/usage/workbook.ts'

export const downloadReconciliationUpload: RoutePlugin = async (app) => {
  app.get(
    '/:reconciliationId/files/uploaded',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'downloadReconciliationUpload',
        tags: ['Reconciliations'],
        summary: 'Download the workbook as it was sent',
        description: 'The workbook of the reconciliation, as it was uploaded.',
        params: ReconciliationParams,
        response: { 200: workbook('The workbook.'), ...problems() }
      }
    },
    async (request, reply) => {
      const { reconciliationId } = request.params
      const download = await app.connect.reconciliations.downloadUploaded(reconciliationId, readContext(request, reply))
      return await reply.headers(workbookHeaders(`${reconciliationId}-uploaded`, download)).send(download.stream)
    }
  )
}
