import { problems } from '../../schemas/problem.ts'
import { ETAG, notModified, ok } from '../../schemas/responses.ts'
import { GetUsageFileQuery } from '../../schemas/usage-file-query.ts'
import { USAGE_FILE_EXAMPLE, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { toAppError } from '../../src/http/to-app-error.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { sendObject } from '../../src/http/send-object.ts'
import { loadParts, partLoaders } from '../../src/usage/join-parts.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'

export const getUsageFile: RoutePlugin = async (app) => {
  app.get(
    '/:fileId',
    {
      config: { scope: 'usage:read', takesWait: true },
      schema: {
        operationId: 'getUsageFile',
        tags: ['Usage files'],
        summary: 'Get a usage file',
        description:
          'One usage file with all its parts. `include` joins its categories, chunks and reconciliations in the ' +
          'same answer; a part that fails is null, and `warnings` says why. Send the `ETag` back in `If-None-Match` ' +
          'to learn cheaply that nothing changed, and `Prefer: wait=20` to wait for the end of the processing.',
        params: UsageFileParams,
        querystring: GetUsageFileQuery,
        response: {
          200: ok(UsageFileRef, 'The usage file.', USAGE_FILE_EXAMPLE, ETAG),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { fileId } = request.params
      const context = readContext(request, reply)
      const { actor } = context
      const explain = (error: unknown): { code: string; message: string } => {
        const { code, message } = toAppError(error)
        return { code, message }
      }
      return await sendObject(request, reply, {
        kind: 'usage-file',
        id: fileId,
        read: async () => await app.connect.usageFiles.get(fileId, context),
        show: file => toUsageFile(file, actor, 'detail'),
        join: async given => {
          const [file, parts] = await Promise.all([
            given,
            loadParts(request.query.include, partLoaders(app.connect, fileId, actor, context), explain)
          ])
          return { ...toUsageFile(file, actor, 'detail'), ...parts }
        }
      })
    }
  )
}
