import { problems } from '../../schemas/problem.ts'
import { NoBody, ok } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { APPROVE_ALL } from '../../src/usage/writes/file-operations.ts'

export const approveAllUsageRecords: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/approve-all',
    {
      config: { scope: 'usage:decide', documentedBody: null },
      schema: {
        operationId: 'approveAllUsageRecords',
        tags: ['Usage files'],
        summary: 'Approve every record of a usage file',
        description: 'Approves the records that usage rules or single decisions left open or rejected.',
        params: UsageFileParams,
        body: NoBody,
        response: {
          200: ok(
            UsageFileRef,
            'The file with its records approved.',
            fileExample('accepted', ['approve-all', 'reconcile', 'reprocess', 'close-records', 'close'])
          ),
          ...problems([409])
        }
      }
    },
    async request => await executeWrite(APPROVE_ALL, app.connect, request.params, writeContext(request))
  )
}
