import { LINK, okList } from '../schemas/paging.ts'
import { problems } from '../schemas/problem.ts'
import {
  USAGE_COVERAGE_EXAMPLE, UsageCoverage, UsageCoverageQuery, UsageCoverageRef
} from '../schemas/usage-coverage.ts'
import { readContext } from '../src/http/call-context.ts'
import { sendList } from '../src/http/send-list.ts'
import type { RoutePlugin } from '../src/type-provider.ts'
import { pairKey } from '../src/usage/contract-pairs.ts'
import { readCoverage } from '../src/usage/coverage.ts'
import { pagesOf } from '../src/usage/paging.ts'

export const getUsageCoverage: RoutePlugin = async (app) => {
  app.get(
    '/usage-coverage',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getUsageCoverage',
        tags: ['Usage files'],
        summary: 'Find out what was not reported',
        description:
          'For each product and contract: how often to report, the last report, the times without a report, and the ' +
          'usage files that are not submitted yet. A contract that never reported is here, too. Usage files that ' +
          'were created more than 35 days before `from` are not read, except for the newest report. Times with more ' +
          'than 50,000 usage files are refused.',
        querystring: UsageCoverageQuery,
        response: {
          200: okList(UsageCoverageRef, 'products and contracts', USAGE_COVERAGE_EXAMPLE, LINK), ...problems()
        }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      return await sendList(request, reply, {
        read: pagesOf(async () => await readCoverage(app.connect, query, new Date(), context)),
        toItem: (one: UsageCoverage) => one,
        schema: UsageCoverage,
        name: 'usage-coverage',
        keyOf: pairKey
      })
    }
  )
}
