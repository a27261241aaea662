import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_RECORD_EXAMPLE, UsageRecordParams, UsageRecordRef } from '../../schemas/usage-record.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'

export const getUsageRecord: RoutePlugin = async (app) => {
  app.get('/:recordId', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'getUsageRecord', tags: ['Usage records'], summary: 'Get a usage record',
      description: 'One row of a usage file, with its billing data once it is closed.',
      params: UsageRecordParams,
      response: { 200: ok(UsageRecordRef, 'The record.', USAGE_RECORD_EXAMPLE), ...problems() }
    }
  }, async (request, reply) =>
    toUsageRecord(await app.connect.usageRecords.get(request.params.recordId, readContext(request, reply))))
}
