import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { RECONCILIATION_EXAMPLE, Reconciliation, ReconciliationRef } from '../../schemas/reconciliation.ts'
import { ListReconciliationsQuery } from '../../schemas/reconciliation-input.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { reconciliationFilter, reconciliationSort } from '../../src/usage/filters/collection-filters.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'

export const listReconciliations: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listReconciliations',
        tags: ['Reconciliations'],
        summary: 'List reconciliations',
        description:
          'The workbooks that brought billing ids, those of the newest month of usage first unless `sort` says ' +
          'otherwise.',
        querystring: ListReconciliationsQuery,
        response: {
          200: okList(ReconciliationRef, 'reconciliations', RECONCILIATION_EXAMPLE),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: async window => await app.connect.reconciliations.list(
          { filter: reconciliationFilter(query), sort: reconciliationSort(query), ...window }, context
        ),
        toItem: toReconciliation,
        schema: Reconciliation,
        name: 'reconciliations'
      })
    }
  )
}
