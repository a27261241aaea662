import type { FastifyPluginAsync } from 'fastify'
import { reportBody } from '../../schemas/usage-report-input.ts'
import { limitAtOnce } from '../../src/http/at-once.ts'
import { takeFiles } from '../../src/http/table-bodies.ts'
import { publishUsageReport } from './publish-usage-report.ts'

/**
 * The most reports at the same time, of all callers and of one. A report holds its slot while it waits for Connect, so
 * reports have slots of their own.
 */
const AT_ONCE = { total: 32, each: 8, what: 'reports' }

export const usageReportsRoutes: FastifyPluginAsync<{ connectBaseUrl: string }> = async (app, { connectBaseUrl }) => {
  limitAtOnce(app, AT_ONCE)
  await takeFiles(app, Object.keys(reportBody.content), ['report'])
  await app.register(publishUsageReport, { connectBaseUrl })
}
