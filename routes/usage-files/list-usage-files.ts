import { okList } from '../../schemas/paging.ts'
import { problems } from '../../schemas/problem.ts'
import { notModified } from '../../schemas/responses.ts'
import { ListUsageFilesQuery } from '../../schemas/usage-file-query.ts'
import { USAGE_FILE_EXAMPLE, UsageFile, UsageFileRef } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendList } from '../../src/http/send-list.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { fileListFilter, fileSort } from '../../src/usage/filters/query-filters.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'

export const listUsageFiles: RoutePlugin = async (app) => {
  app.get(
    '',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listUsageFiles',
        tags: ['Usage files'],
        summary: 'List usage files',
        description:
          "The usage files that the caller's account may see, newest first unless `sort` says otherwise. Deleted " +
          'files come only when `status` asks for them. `records` and `files` are null here.',
        querystring: ListUsageFilesQuery,
        response: {
          200: okList(UsageFileRef, 'usage files', { ...USAGE_FILE_EXAMPLE, records: null, files: null }),
          304: notModified,
          ...problems()
        }
      }
    },
    async (request, reply) => {
      const { query } = request
      const context = readContext(request, reply)
      const { actor } = context
      return await sendList(request, reply, {
        read: async window => await app.connect.usageFiles.list(
          { filter: fileListFilter(query), sort: fileSort(query), ...window }, context
        ),
        toItem: file => toUsageFile(file, actor, 'list'),
        schema: UsageFile,
        name: 'usage-files'
      })
    }
  )
}
