import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_RECORD_EXAMPLE, UsageRecordParams, UsageRecordRef } from '../../schemas/usage-record.ts'
import { RECORD_NOT_ALLOWED, UpdateUsageRecordBody } from '../../schemas/usage-record-input.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { DECIDE_RECORD } from '../../src/usage/writes/record-operations.ts'

export const updateUsageRecord: RoutePlugin = async (app) => {
  app.patch(
    '/:recordId',
    {
      config: { scope: 'usage:decide' },
      schema: {
        operationId: 'updateUsageRecord',
        tags: ['Usage records'],
        summary: 'Approve or reject a usage record',
        description:
          'Decides on a single record that rules left open, or otherwise than they did. What is closed stays closed.',
        params: UsageRecordParams,
        body: UpdateUsageRecordBody,
        response: {
          200: ok(UsageRecordRef, 'The record as it is now.', { ...USAGE_RECORD_EXAMPLE, status: 'rejected' }),
          ...problems([409], RECORD_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const input = { ...request.params, decision: request.body.status }
      return await executeWrite(DECIDE_RECORD, app.connect, input, writeContext(request))
    }
  )
}
