import { BILLING_CONFLICT, problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import {
  CLOSED_RECORD_EXAMPLE,
  CloseUsageRecordBody,
  UsageRecordParams,
  UsageRecordRef
} from '../../schemas/usage-record.ts'
import type * as Connect from '../../src/connect/types.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { closeRecord } from '../../src/usage/writes/close-record.ts'
import { toUsageRecord } from '../../src/usage/mapping/usage-record.ts'

export const closeUsageRecord: RoutePlugin = async (app) => {
  const closeShared = app.createRunShared<Connect.UsageRecord>()
  app.post(
    '/:recordId/close',
    {
      config: { scope: 'usage:close' },
      schema: {
        operationId: 'closeUsageRecord',
        tags: ['Usage records'],
        summary: 'Close a usage record',
        description:
          'Declares an approved record billed. May be repeated: what is closed with this billing id stays ' +
          'closed once, what is closed with another one is a conflict. Requests for one record with the same billing ' +
          'id that come at the same time share one close and its answer, with the note of the first.',
        params: UsageRecordParams,
        body: CloseUsageRecordBody,
        response: {
          200: ok(UsageRecordRef, 'The closed record.', CLOSED_RECORD_EXAMPLE),
          ...problems([409], BILLING_CONFLICT)
        }
      }
    },
    async request => {
      const { usageRecords } = app.connect
      const {
        body: billing,
        params: { recordId }
      } = request
      const context = writeContext(request)
      const closed = await closeShared(
        context,
        recordId,
        billing.externalBillingId,
        async () =>
          await closeRecord({
            billing,
            read: async () => context.noteBefore(await usageRecords.get(recordId, context)),
            send: async (body, again) => await usageRecords.close(recordId, body, { ...context, ...again })
          })
      )
      return toUsageRecord(closed)
    }
  )
}
