import { LINK, okList } from '../schemas/paging.ts'
import { problems } from '../schemas/problem.ts'
import {
  ListUsageContractsQuery, USAGE_CONTRACT_EXAMPLE, UsageContract, UsageContractRef
} from '../schemas/usage-contract.ts'
import { readContext } from '../src/http/call-context.ts'
import { sendList } from '../src/http/send-list.ts'
import type { RoutePlugin } from '../src/type-provider.ts'
import { pairKey } from '../src/usage/contract-pairs.ts'
import { pagesOf } from '../src/usage/paging.ts'
import { readUsageContracts } from '../src/usage/usage-contracts.ts'

export const listUsageContracts: RoutePlugin = async (app) => {
  app.get(
    '/usage-contracts',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageContracts',
        tags: ['Catalogue'],
        summary: 'List products and contracts for usage files',
        description:
          'The pairs of product and contract with which a usage file can be created, by name: from the listings of ' +
          'products that take usage, and from the usage files that exist. A token of Connect without the right to ' +
          'listings gets those of usage files only.',
        querystring: ListUsageContractsQuery,
        response: { 200: okList(UsageContractRef, 'usage contracts', USAGE_CONTRACT_EXAMPLE, LINK), ...problems() }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: pagesOf(async () => await readUsageContracts(app.connect, query, context)),
        toItem: (pair: UsageContract) => pair,
        schema: UsageContract,
        name: 'usage-contracts',
        keyOf: pairKey
      })
    }
  )
}
