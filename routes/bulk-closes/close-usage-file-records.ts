import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { closeAnswer, closeFileBody } from '../../schemas/bulk-close.ts'
import { problems } from '../../schemas/problem.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { ApprovedRecords, type ListApproved } from '../../src/closing/approved-records.ts'
import { beginListing, closeFile } from '../../src/closing/close-file.ts'
import { receiveBilling } from '../../src/closing/receive-records.ts'
import { SpooledRecords } from '../../src/closing/spooled-records.ts'
import { closeCalls, receiveBody, sendOutcomes } from '../../src/http/bulk-close.ts'
import { readContext } from '../../src/http/call-context.ts'
import { isCausedByLeaving } from '../../src/http/client-signal.ts'
import { stopping } from '../../src/http/plugins/drain.ts'
import { openBody } from '../../src/http/open-body.ts'
import { toAppError } from '../../src/http/to-app-error.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import type { ReadContext } from '../../src/usage/context.ts'

const SMALL_BODY_BYTES = 16_384

export const closeUsageFileRecords: RoutePlugin = async (app) => {
  app.post(
    '/usage-files/:fileId/records/close',
    {
      config: { scope: 'usage:close', documentedBody: closeFileBody, idempotency: 'rerun' },
      schema: {
        operationId: 'closeUsageFileRecords',
        tags: ['Usage files'],
        summary: 'Close all approved records of a usage file',
        description:
          'Closes every approved record of the file with one billing id. Answers as closing many records does; ' +
          '`index` counts the records as they were found.',
        params: UsageFileParams,
        response: { 200: closeAnswer, ...problems() }
      }
    },
    async (request, reply) => {
      const { openSpool, limits } = app.bulkCloses
      const { fileId } = request.params
      const billing = await receiveBody(
        request,
        openBody(request, { ...limits, maxBytes: SMALL_BODY_BYTES }),
        receiveBilling
      )
      request.journal.add({ kind: 'billing-id', billingId: billing.externalBillingId })
      // This context is for reads. They close nothing, so they may be aborted when the caller leaves.
      const context = readContext(request, reply)
      await app.connect.usageFiles.get(fileId, context)
      const spool = await openSpool()
      try {
        const list = listApproved(app, fileId, context)
        const approved = new ApprovedRecords(fileId, list, new SpooledRecords(spool))
        const listed = { ...await beginListing(approved), noteFailure: noteFailureOf(request, reply) }
        const calls = closeCalls(request, reply)
        return await sendOutcomes(request, reply, {
          requested: () => approved.count,
          run: options => closeFile(approved, listed, billing, calls, options),
          close: spool.close
        })
      } catch (error) {
        await spool.close()
        throw error
      }
    }
  )
}

function noteFailureOf (request: FastifyRequest, reply: FastifyReply): (error: Error) => void {
  return (error) => {
    if (isCausedByLeaving(error, reply)) return
    request.log.warn({ err: toAppError(error) }, 'the list of approved records cannot be read to its end')
  }
}

function listApproved (
  { bulkCloses: { reads }, connect, isDraining }: FastifyInstance, fileId: string, context: ReadContext
): ListApproved {
  return async (offset, limit) => await reads.run(async () => {
    if (isDraining()) {
      throw stopping('This instance is stopping and did not list all records. Send the same request again.')
    }
    return await connect.usageRecords.list(
      { filter: { 'usagefile.id': fileId, status: 'approved' }, sort: ['created_time'], limit, offset },
      context
    )
  })
}
