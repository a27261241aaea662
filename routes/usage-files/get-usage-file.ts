import { problems } from '../../schemas/problem.ts'
import { ETAG, nothing, ok } from '../../schemas/responses.ts'
import { GetUsageFileQuery } from '../../schemas/usage-file-query.ts'
import { USAGE_FILE_EXAMPLE, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { toAppError } from '../../src/http/to-app-error.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { matchesTag, weakTag } from '../../src/http/etag.ts'
import { loadParts, partLoaders } from '../../src/usage/join-parts.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'

export const getUsageFile: RoutePlugin = async (app) => {
  app.get(
    '/:fileId',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'getUsageFile',
        tags: ['Usage files'],
        summary: 'Get a usage file',
        description:
          'One usage file with all its parts. `include` joins its categories, chunks and reconciliations in the ' +
          'same answer; a part that fails is null, and `warnings` says why. Send the `ETag` back in `If-None-Match` ' +
          'to learn cheaply that nothing changed.',
        params: UsageFileParams,
        querystring: GetUsageFileQuery,
        response: {
          200: ok(UsageFileRef, 'The usage file.', USAGE_FILE_EXAMPLE, ETAG),
          304: nothing('Nothing changed since the answer with that tag.'),
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
      const [file, parts] = await Promise.all([
        app.connect.usageFiles.get(fileId, context),
        loadParts(request.query.include, partLoaders(app.connect, fileId, actor, context), explain)
      ])
      const answer = { ...toUsageFile(file, actor, 'detail'), ...parts }
      const text = JSON.stringify(answer)
      const tag = weakTag(text)
      reply.header('etag', tag)
      if (matchesTag(request.headers['if-none-match'], tag)) return await reply.code(304).send(undefined)
      // Fastify sets no Content-Type when a route has a serializer of its own.
      reply.header('content-type', 'application/json; charset=utf-8').serializer(() => text)
      return answer
    }
  )
}
