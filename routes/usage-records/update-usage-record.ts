import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { USAGE_RECORD_EXAMPLE, UsageRecordParams, UsageRecordRef } from '../../schemas/usage-record.ts'
import { RECORD_NOT_ALLOWED, UpdateUsageRecordBody } from '../../schemas/usage-record-input.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { decideRecord } from '../../src/usage/writes/decide-record.ts'

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
          ...problems([400, 404, 409, 413, 415], RECORD_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const { usageRecords } = app.connect
      const {
        body: { status },
        params: { recordId: id }
      } = request
      const context = writeContext(request)
      return await decideRecord({
        id,
        decision: status,
        attempt: context.attempt,
        act: async again => await usageRecords.update(id, { status }, { ...context, ...again }),
        read: async () => await usageRecords.get(id, context)
      })
    }
  )
}
