import { problems } from '../../schemas/problem.ts'
import { okRowErrors, RowErrorsQuery } from '../../schemas/row-error.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendRowErrors } from '../../src/http/send-row-errors.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { errorsOfRecord, openProcessed } from '../../src/usage/row-errors.ts'
import { openWorkbook } from '../../src/usage/workbook.ts'

export const listRowErrors: RoutePlugin = async (app) => {
  app.get(
    '/:fileId/row-errors',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'listRowErrors',
        tags: ['Usage files'],
        summary: 'List the errors in the rows of a usage file',
        description:
          'What Connect found wrong, cell by cell: the comments of the processed workbook. Where no cell has a ' +
          'comment, the errors of the invalid records. As XLSX the answer is the whole uploaded workbook with the ' +
          'wrong cells marked: correct them and upload the workbook again, because an upload replaces all rows.',
        params: UsageFileParams,
        querystring: RowErrorsQuery,
        response: { 200: okRowErrors, ...problems() }
      }
    },
    async (request, reply) => {
      const { usageFiles, usageRecords, storage } = app.connect
      const { fileId } = request.params
      const context = readContext(request, reply)
      const read = async () => await usageFiles.get(fileId, context)
      const follow = async (link: string) => await storage.fetch(link, context)
      return await sendRowErrors(request, reply, {
        fileId,
        processed: async () => await openProcessed(read, follow),
        uploaded: async () => await openWorkbook('uploaded', read, follow),
        invalidRecords: {
          read: async window => await usageRecords.list(
            { filter: { 'usagefile.id': fileId, status: 'invalid' }, sort: ['created_time'], ...window }, context
          ),
          toItem: errorsOfRecord
        }
      })
    }
  )
}
