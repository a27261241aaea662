import { problems } from '../../schemas/problem.ts'
import { ReconciliationParams } from '../../schemas/reconciliation-input.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

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
        querystring: WorkbookQuery,
        response: { 200: workbook('The workbook.'), ...problems() }
      }
    },
    async (request, reply) => {
      const { reconciliationId } = request.params
      return await sendWorkbook(request, reply, {
        name: `${reconciliationId}-uploaded`,
        open: async () =>
          await app.connect.reconciliations.downloadUploaded(reconciliationId, readContext(request, reply))
      })
    }
  )
}
