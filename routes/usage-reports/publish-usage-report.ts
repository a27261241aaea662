import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { problem, problems } from '../../schemas/problem.ts'
import { ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { ROWS_INVALID } from '../../schemas/usage-check.ts'
import { PublishUsageReportQuery, reportBody, UsageReportParams } from '../../schemas/usage-report-input.ts'
import { IN_FLIGHT, reportExample, UsageReportRef } from '../../schemas/usage-report.ts'
import { requireScope } from '../../src/http/plugins/auth.ts'
import { publishReport } from '../../src/http/publish-report.ts'
import { createReceiveReport } from '../../src/http/receive-report.ts'
import { requireQuotable } from '../../src/usage/filters/query-filters.ts'

interface Options { connectBaseUrl: string }

const DESCRIPTION =
  'Makes it so that the usage file with this external id exists, holds these rows and, with `submit=true`, is ' +
  'submitted. Send the same request again at any time until it answers 200: steps that Connect shows as done are ' +
  'skipped. Waits for Connect for 20 seconds, or as `Prefer: wait=N` says (1 to 50). The header of a file that ' +
  'exists is not changed. A file with the same rows is kept in whatever state it is; an invalid or rejected one is ' +
  'not sent again. Other rows fill a draft, invalid, ready or rejected file anew.'

export const publishUsageReport: FastifyPluginAsyncTypebox<Options> = async (app, { connectBaseUrl }) => {
  const receiveReport = createReceiveReport()
  app.put(
    '/usage-reports/:externalId',
    {
      config: { scope: 'usage:write', documentedBody: reportBody, idempotency: 'report', takesWait: true },
      schema: {
        operationId: 'publishUsageReport',
        tags: ['Usage files'],
        summary: 'Publish a usage report in one call',
        description: DESCRIPTION,
        params: UsageReportParams,
        querystring: PublishUsageReportQuery,
        response: {
          200: ok(UsageReportRef, 'The report, and its usage file.', reportExample('submitted')),
          202: ok(
            UsageReportRef, 'Connect is still at work. Send the same request again.', reportExample('processing'),
            RETRY_AFTER
          ),
          ...problems([422], ROWS_INVALID),
          409: problem(IN_FLIGHT)
        }
      }
    },
    async (request, reply) => {
      const { params: { externalId }, query } = request
      const isSubmitted = query.submit === 'true'
      if (isSubmitted) requireScope(request, 'usage:submit')
      requireQuotable('path.externalId', externalId)
      const hasAssets = query.assets === 'true'
      return await publishReport(request, reply, { externalId, isSubmitted, hasAssets, receiveReport, connectBaseUrl })
    }
  )
}
