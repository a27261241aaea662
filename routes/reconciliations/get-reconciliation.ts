import { problems } from '../../schemas/problem.ts'
import { ETAG, notModified, ok } from '../../schemas/responses.ts'
import { RECONCILIATION_EXAMPLE, ReconciliationRef } from '../../schemas/reconciliation.ts'
import { ReconciliationParams } from '../../schemas/reconciliation-input.ts'
import { sendObject } from '../../src/http/send-object.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'

export const getReconciliation: RoutePlugin = async (app) => {
  app.get(
    '/:reconciliationId',
    {
      config: { scope: 'usage:read', takesWait: true },
      schema: {
        operationId: 'getReconciliation',
        tags: ['Reconciliations'],
        summary: 'Get a reconciliation',
        description:
          'One workbook that brought billing ids. Wait with `Prefer: wait=20` until it is `processed` or `failed`; ' +
          '`processingNote` and `errorDetail` then say what became of it.',
        params: ReconciliationParams,
        response: {
          200: ok(ReconciliationRef, 'The reconciliation.', RECONCILIATION_EXAMPLE, ETAG),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { reconciliationId } = request.params
      const context = readContext(request, reply)
      return await sendObject(request, reply, {
        kind: 'reconciliation',
        id: reconciliationId,
        read: async () => await app.connect.reconciliations.get(reconciliationId, context),
        show: toReconciliation
      })
    }
  )
}
