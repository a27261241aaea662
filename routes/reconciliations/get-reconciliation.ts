import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { RECONCILIATION_EXAMPLE, ReconciliationRef } from '../../schemas/reconciliation.ts'
import { ReconciliationParams } from '../../schemas/reconciliation-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'

export const getReconciliation: RoutePlugin = async (app) => {
  app.get(
    '/:reconciliationId',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getReconciliation',
        tags: ['Reconciliations'],
        summary: 'Get a reconciliation',
        description:
          'One workbook that brought billing ids. Poll it until it is `processed` or `failed`; `processingNote` and ' +
          '`errorDetail` then say what became of it.',
        params: ReconciliationParams,
        response: { 200: ok(ReconciliationRef, 'The reconciliation.', RECONCILIATION_EXAMPLE), ...problems() }
      }
    },
    async (request, reply) =>
      toReconciliation(
        await app.connect.reconciliations.get(request.params.reconciliationId, readContext(request, reply))
      )
  )
}
