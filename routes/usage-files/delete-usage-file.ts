import { problems } from '../../schemas/problem.ts'
import { NoBody, nothing } from '../../schemas/responses.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { DELETE_FILE } from '../../src/usage/writes/file-operations.ts'

export const deleteUsageFile: RoutePlugin = async (app) => {
  app.delete('/:fileId', {
    config: { scope: 'usage:write', documentedBody: null },
    schema: {
      operationId: 'deleteUsageFile', tags: ['Usage files'], summary: 'Delete a usage file',
      description: 'Deletes a file that was never submitted. Connect keeps it in status `deleted`.',
      params: UsageFileParams,
      body: NoBody,
      response: { 204: nothing('The file is deleted.'), ...problems([409]) }
    }
  }, async (request, reply) => {
    await executeWrite(DELETE_FILE, app.connect, request.params, writeContext(request))
    return await reply.code(204).send(undefined)
  })
}
