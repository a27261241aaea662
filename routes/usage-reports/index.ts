import type { FastifyPluginAsync } from 'fastify'
import { reportBody } from '../../schemas/usage-report-input.ts'
import { limitAtOnce } from '../../src/http/at-once.ts'
import { takeFiles } from '../../src/http/table-bodies.ts'
import { publishUsageReport } from './publish-usage-report.ts'

/**
 * How many requests for reports may run at the same time: `total` of all callers together, `each` of one caller. A
 * request for a report still counts while it waits for Connect, so reports have a limit of their own.
 */
const AT_ONCE = { total: 32, each: 8, what: 'reports' }

export const usageReportsRoutes: FastifyPluginAsync<{ connectBaseUrl: string }> = async (app, { connectBaseUrl }) => {
  limitAtOnce(app, AT_ONCE)
  await takeFiles(app, Object.keys(reportBody.content), ['report'])
  await app.register(publishUsageReport, { connectBaseUrl })
}
