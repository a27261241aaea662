import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { CHUNK_NOT_ALLOWED, CLOSED_CHUNK_EXAMPLE, UsageChunkParams } from '../../schemas/usage-chunk-input.ts'
import { UsageChunkRef } from '../../schemas/usage-chunk.ts'
import { CloseUsageRecordBody } from '../../schemas/usage-record.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { tracedBefore } from '../../src/usage/writes/attempt.ts'
import { chunkTrace, isClosedSince, isClosedWith, performChunkAction } from '../../src/usage/writes/chunk-action.ts'
import { billingBody } from '../../src/usage/writes/close-record.ts'

export const closeUsageChunk: RoutePlugin = async (app) => {
  app.post(
    '/:chunkId/close',
    {
      config: { scope: 'usage:close' },
      schema: {
        operationId: 'closeUsageChunk',
        tags: ['Usage chunks'],
        summary: 'Close a chunk',
        description:
          'Declares a whole chunk billed: its approved records are closed with this billing id. A chunk does not ' +
          'show its billing id, so a close whose outcome is unknown is settled by its records: if the one closed ' +
          'last has this billing id, it is done.',
        params: UsageChunkParams,
        body: CloseUsageRecordBody,
        response: {
          200: ok(UsageChunkRef, 'The closed chunk.', CLOSED_CHUNK_EXAMPLE),
          ...problems([400, 404, 409, 413, 415], CHUNK_NOT_ALLOWED)
        }
      }
    },
    async request => {
      const { usageChunks, usageRecords } = app.connect
      const { chunkId: id } = request.params
      const context = writeContext(request)
      const read = async () => await usageChunks.get(id, context)
      const before = context.noteBefore(await read())
      const { attempt } = context
      return await performChunkAction({
        id,
        action: 'close',
        read,
        role: context.account.role,
        attempt,
        before,
        act: async () => await usageChunks.close(id, billingBody(request.body), context),
        isDone: isClosedSince(tracedBefore(attempt, chunkTrace(before))),
        isOurs: isClosedWith(
          request.body.externalBillingId,
          async (filter, window) => await usageRecords.list({ filter, sort: ['created_time'], ...window }, context)
        )
      })
    }
  )
}
