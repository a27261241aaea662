import { problems } from '../../schemas/problem.ts'
import { NoBody, ok } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { CLOSE_FILE } from '../../src/usage/writes/file-operations.ts'

export const closeUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/close',
    {
      config: { scope: 'usage:close', documentedBody: null },
      schema: {
        operationId: 'closeUsageFile',
        tags: ['Usage files'],
        summary: 'Close a usage file',
        description:
          'Declares an accepted file billed. There is no way back. Close its records first ' +
          '(`closeUsageFileRecords`): `records.openRecords` of the answer tells how many had no billing id when the ' +
          'file was closed, and whether Connect closes them with the file is not documented. They can be closed ' +
          'afterwards, one by one or all at once.',
        params: UsageFileParams,
        body: NoBody,
        response: {
          200: ok(UsageFileRef, 'The closed file.', fileExample('closed', ['reconcile', 'reprocess'])),
          ...problems([409])
        }
      }
    },
    async request => await executeWrite(CLOSE_FILE, app.connect, request.params, writeContext(request))
  )
}
