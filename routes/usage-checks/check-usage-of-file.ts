import { problems } from '../../schemas/problem.ts'
import { tableBody } from '../../schemas/rows-input.ts'
import { CheckUsageOfFileQuery } from '../../schemas/usage-check-input.ts'
import { okCheck, ROWS_INVALID } from '../../schemas/usage-check.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendCheck } from '../../src/http/send-check.ts'
import { checkedAs } from '../../src/usage/check-period.ts'
import { lookUpsOfFile } from '../../src/usage/look-ups.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

export const checkUsageOfFile: RoutePlugin = async (app) => {
  app.post(
    '/usage-files/:fileId/check',
    {
      config: { scope: 'usage:write', documentedBody: tableBody('The rows'), idempotency: 'none' },
      schema: {
        operationId: 'checkUsageOfFile',
        tags: ['Usage files'],
        summary: 'Check rows for a usage file',
        description:
          'Checks all rows against what is known of Connect, with the schema, the period and the items of the usage ' +
          'file. Nothing is kept and nothing is uploaded. What could not be checked is in `checks`, with the reason. ' +
          'As XLSX the answer is the rows with the wrong cells marked: correct them and upload the workbook.',
        params: UsageFileParams,
        querystring: CheckUsageOfFileQuery,
        response: { 200: okCheck, ...problems([422], ROWS_INVALID) }
      }
    },
    async (request, reply) => {
      const context = readContext(request, reply)
      const file = await app.connect.usageFiles.get(request.params.fileId, context)
      const found = toUsageFile(file, context.actor, 'detail')
      const lookUps = lookUpsOfFile(found, app.connect, context, request.query)
      const name = `${request.params.fileId}-check`
      return await sendCheck(request, reply, { name, ...checkedAs(found), lookUps })
    }
  )
}
