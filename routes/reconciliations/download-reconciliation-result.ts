import { problems } from '../../schemas/problem.ts'
import { ReconciliationParams } from '../../schemas/reconciliation-input.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { missingResult } from '../../src/usage/missing-workbook.ts'
import { openServed } from '../../src/usage/workbook.ts'

export const downloadReconciliationResult: RoutePlugin = async (app) => {
  app.get(
    '/:reconciliationId/files/processed',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'downloadReconciliationResult',
        tags: ['Reconciliations'],
        summary: 'Download what became of the workbook',
        description:
          "Connect's copy of the workbook after processing, which tells the rows it could not close. It does not " +
          'exist before the reconciliation is `processed`.',
        params: ReconciliationParams,
        querystring: WorkbookQuery,
        response: { 200: workbook('The workbook.'), ...problems() }
      }
    },
    async (request, reply) => {
      const { reconciliations } = app.connect
      const { reconciliationId } = request.params
      const context = readContext(request, reply)
      return await sendWorkbook(request, reply, {
        name: `${reconciliationId}-processed`,
        open: async () => await openServed(
          async () => await reconciliations.downloadProcessed(reconciliationId, context),
          async () => missingResult(await reconciliations.get(reconciliationId, context))
        )
      })
    }
  )
}
