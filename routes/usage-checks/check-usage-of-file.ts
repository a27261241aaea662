import { problems } from '../../schemas/problem.ts'
import { tableBody } from '../../schemas/rows-input.ts'
import { CheckUsageOfFileQuery } from '../../schemas/usage-check-input.ts'
import { okCheck } from '../../schemas/usage-check.ts'
import { UsageFileParams } from '../../schemas/usage-file.ts'
import { readContext } from '../../src/http/call-context.ts'
import { sendCheck } from '../../src/http/send-check.ts'
import { checkedAs } from '../../src/usage/check-period.ts'
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
          'Checks all rows against what is known of Connect, with the schema and the period of the usage file. ' +
          'Nothing is kept and nothing is uploaded. What could not be checked is in `checks`, with the reason.',
        params: UsageFileParams,
        querystring: CheckUsageOfFileQuery,
        response: { 200: okCheck, ...problems() }
      }
    },
    async (request, reply) => {
      const context = readContext(request, reply)
      const file = await app.connect.usageFiles.get(request.params.fileId, context)
      return await sendCheck(request, reply, checkedAs(toUsageFile(file, context.actor, 'detail')))
    }
  )
}
