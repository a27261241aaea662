import { problems } from '../../schemas/problem.ts'
import { workbook } from '../../schemas/responses.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { openWorkbook, workbookHeaders } from '../../src/usage/workbook.ts'

export const downloadReconciliationFile: RoutePlugin = async (app) => {
  app.get('/:fileId/files/reconciliation', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'downloadReconciliationFile', tags: ['Usage files'], summary: 'Download the reconciliation workbook',
      description: 'The workbook last uploaded to reconcile this file.',
      params: UsageFileParams,
      response: { 200: workbook('The workbook.'), ...problems() }
    }
  }, async (request, reply) => {
    const { fileId } = request.params
    const context = readContext(request, reply)
    const download = await openWorkbook(
      'reconciliation',
      async () => await app.connect.usageFiles.get(fileId, context),
      async link => await app.connect.storage.fetch(link, context)
    )
    return await reply.headers(workbookHeaders(`${fileId}-reconciliation`, download)).send(download.stream)
  })
}
