import { problems } from '../../schemas/problem.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { workbook, WorkbookQuery } from '../../schemas/workbook.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendWorkbook } from '../../src/http/send-workbook.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { openWorkbook } from '../../src/usage/workbook.ts'

export const downloadReconciliationFile: RoutePlugin = async (app) => {
  app.get('/:fileId/files/reconciliation', {
    config: { scope: 'usage:read' },
    schema: {
      operationId: 'downloadReconciliationFile', tags: ['Usage files'], summary: 'Download the reconciliation workbook',
      description: 'The workbook last uploaded to reconcile this file.',
      params: UsageFileParams,
      querystring: WorkbookQuery,
      response: { 200: workbook('The workbook.'), ...problems() }
    }
  }, async (request, reply) => {
    const { fileId } = request.params
    const context = readContext(request, reply)
    return await sendWorkbook(request, reply, {
      name: `${fileId}-reconciliation`,
      open: async () => await openWorkbook(
        'reconciliation',
        async () => await app.connect.usageFiles.get(fileId, context),
        async link => await app.connect.storage.fetch(link, context)
      )
    })
  })
}
