import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { RejectUsageFileBody } from '../../schemas/usage-file-input.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { REJECT } from '../../src/usage/writes/file-operations.ts'

export const rejectUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/reject',
    {
      config: { scope: 'usage:decide' },
      schema: {
        operationId: 'rejectUsageFile',
        tags: ['Usage files'],
        summary: 'Reject a usage file',
        description: 'Rejects a pending file as a whole. The vendor reads the reason and may upload a better workbook.',
        params: UsageFileParams,
        body: RejectUsageFileBody,
        response: {
          200: ok(UsageFileRef, 'The rejected file.', fileExample('rejected', [])),
          ...problems([409])
        }
      }
    },
    async request => {
      const input = { ...request.body, ...request.params }
      return await executeWrite(REJECT, app.connect, input, writeContext(request))
    }
  )
}
