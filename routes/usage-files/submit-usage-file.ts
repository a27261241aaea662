import { problems } from '../../schemas/problem.ts'
import { NoBody, ok } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { executeWrite } from '../../src/usage/writes/engine.ts'
import { SUBMIT } from '../../src/usage/writes/file-operations.ts'

export const submitUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/submit',
    {
      config: { scope: 'usage:submit', documentedBody: null },
      schema: {
        operationId: 'submitUsageFile',
        tags: ['Usage files'],
        summary: 'Submit a usage file',
        description:
          'Hands a file whose workbook was processed (`ready`) to the provider. A usage rule of the provider may ' +
          'decide on it within seconds.',
        params: UsageFileParams,
        body: NoBody,
        response: {
          200: ok(UsageFileRef, 'The file, now `pending` or already decided.', fileExample('pending', [])),
          ...problems([409])
        }
      }
    },
    async request => await executeWrite(SUBMIT, app.connect, request.params, writeContext(request))
  )
}
