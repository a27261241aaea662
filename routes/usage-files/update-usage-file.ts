import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { UPDATE_EXAMPLE, UpdateUsageFileBody } from '../../schemas/usage-file-input.ts'
import { USAGE_FILE_EXAMPLE, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { UPDATE_FILE } from '../../src/usage/writes/file-operations.ts'

export const updateUsageFile: RoutePlugin = async (app) => {
  app.patch(
    '/:fileId',
    {
      config: { scope: 'usage:write' },
      schema: {
        operationId: 'updateUsageFile',
        tags: ['Usage files'],
        summary: 'Change the header of a usage file',
        description:
          'Changes the given fields and leaves the others alone; null clears a field. Connect takes the whole ' +
          'header, so each change reads it first. Changes of one file take turns within an instance of this service; ' +
          'two that meet in different instances can still undo each other.',
        params: UsageFileParams,
        body: UpdateUsageFileBody,
        response: {
          200: ok(UsageFileRef, 'The file as it is now.', { ...USAGE_FILE_EXAMPLE, ...UPDATE_EXAMPLE }),
          ...problems([409])
        }
      }
    },
    async request => {
      const input = { ...request.params, given: request.body }
      const context = writeContext(request)
      return await app.runAlone(context, input.fileId, async () =>
        await executeWrite(UPDATE_FILE, app.connect, input, context))
    }
  )
}
