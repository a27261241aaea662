import { problems } from '../../schemas/problem.ts'
import { NoBody, ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import { sendWritten } from '../../src/http/send-object.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { REPROCESS } from '../../src/usage/writes/file-operations.ts'

export const reprocessUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/reprocess',
    {
      config: { scope: 'usage:close', documentedBody: null, takesWait: true },
      schema: {
        operationId: 'reprocessUsageFile',
        tags: ['Usage files'],
        summary: 'Make the processed workbook again',
        description:
          'Starts to rebuild the processed workbook, after records were closed one by one. `subStatus` is ' +
          '`processing` until it is done; with `Prefer: wait=20` the answer comes then.',
        params: UsageFileParams,
        body: NoBody,
        response: {
          202: ok(
            UsageFileRef,
            'The work has begun.',
            fileExample('accepted', ['approve-all', 'reconcile', 'reprocess', 'close-records', 'close']),
            RETRY_AFTER
          ),
          ...problems([409])
        }
      }
    },
    async (request, reply) => {
      const context = writeContext(request)
      const shown = await executeWrite(REPROCESS, app.connect, request.params, context)
      reply.code(202).header('retry-after', 2)
      return await sendWritten(request, reply, {
        kind: 'usage-file', shown, show: file => toUsageFile(file, context.actor, 'detail')
      })
    }
  )
}
