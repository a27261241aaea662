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
          'Declares an accepted file billed. There is no way back. Connect closes the open records of the file ' +
          'together with the file, without a billing id: `records.openRecords` of the file tells before how many ' +
          'there are. Close them first (`closeUsageFileRecords`) to give them a billing id. Connect also closes a ' +
          'file when its last chunk is closed, and when a reconciliation closes its last record. A later ' +
          'reconciliation can give billing ids to the records of a closed file.',
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
