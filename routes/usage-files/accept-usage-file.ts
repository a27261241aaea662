import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { AcceptUsageFileBody } from '../../schemas/usage-file-input.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { ACCEPT } from '../../src/usage/writes/file-operations.ts'

export const acceptUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/accept',
    {
      config: { scope: 'usage:decide' },
      schema: {
        operationId: 'acceptUsageFile',
        tags: ['Usage files'],
        summary: 'Accept a usage file',
        description:
          'Accepts a pending file as a whole: its valid records become `approved`, and Connect cuts it into chunks, ' +
          'one a hub.',
        params: UsageFileParams,
        body: AcceptUsageFileBody,
        response: {
          200: ok(
            UsageFileRef,
            'The accepted file.',
            fileExample('accepted', ['approve-all', 'reconcile', 'reprocess', 'close-records', 'close'])
          ),
          ...problems([409])
        }
      }
    },
    async request => {
      const input = { ...request.params, note: request.body?.note ?? undefined }
      return await executeWrite(ACCEPT, app.connect, input, writeContext(request))
    }
  )
}
