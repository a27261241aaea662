import { problems } from '../../schemas/problem.ts'
import { NoBody, ok } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { isSubmitted } from '../../src/usage/writes/file-effects.ts'
import { performFileAction } from '../../src/usage/writes/perform-action.ts'

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
          ...problems([400, 404, 409, 413, 415])
        }
      }
    },
    async request => {
      const { usageFiles } = app.connect
      const { fileId: id } = request.params
      const context = writeContext(request)
      return await performFileAction({
        id,
        action: 'submit',
        role: context.account.role,
        attempt: context.attempt,
        act: async again => await usageFiles.submit(id, { ...context, ...again }),
        read: async () => await usageFiles.get(id, context),
        isDone: isSubmitted
      })
    }
  )
}
