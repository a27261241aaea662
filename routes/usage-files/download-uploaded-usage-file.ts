import { problems } from '../../schemas/problem.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { openWorkbook } from '../../src/usage/workbook.ts'

export const downloadUploadedUsageFile: RoutePlugin = async (app) => {
  app.get('/:fileId/files/uploaded', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'downloadUploadedUsageFile', tags: ['Usage files'], summary: 'Download the uploaded workbook',
      description: 'The workbook as the vendor uploaded it.',
      params: UsageFileParams,
      querystring: WorkbookQuery,
      response: { 200: workbook('The workbook.'), ...problems() }
    }
  }, async (request, reply) => {
    const { fileId } = request.params
    const context = readContext(request, reply)
    return await sendWorkbook(request, reply, {
      name: `${fileId}-uploaded`,
      open: async () => await openWorkbook(
        'uploaded',
        async () => await app.connect.usageFiles.get(fileId, context),
        async link => await app.connect.storage.fetch(link, context)
      )
    })
  })
}
