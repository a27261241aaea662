import { problems } from '../../schemas/problem.ts'
import { workbook } from '../../schemas/responses.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { openWorkbook, workbookHeaders } from '../../src/usage/workbook.ts'

export const downloadUploadedUsageFile: RoutePlugin = async (app) => {
  app.get('/:fileId/files/uploaded', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'downloadUploadedUsageFile', tags: ['Usage files'], summary: 'Download the uploaded workbook',
      description: 'The workbook as the vendor uploaded it.',
      params: UsageFileParams,
      response: { 200: workbook('The workbook.'), ...problems() }
    }
  }, async (request, reply) => {
    const { fileId } = request.params
    const context = readContext(request, reply)
    const download = await openWorkbook(
      'uploaded',
      async () => await app.connect.usageFiles.get(fileId, context),
      async link => await app.connect.storage.fetch(link, context)
    )
    return await reply.headers(workbookHeaders(`${fileId}-uploaded`, download)).send(download.stream)
  })
}
