import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { AcceptUsageFileBody } from '../../schemas/usage-file-input.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { isAcceptedWith } from '../../src/usage/writes/file-effects.ts'
import { performFileAction } from '../../src/usage/writes/perform-action.ts'
import { present } from '../../src/usage/writes/present.ts'

export const acceptUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/accept',
    {
      config: { scope: 'usage:decide' },
      schema: {
        operationId: 'acceptUsageFile',
        tags: ['Usage files'],
        summary: 'Accept a usage file',
        description:
          'Accepts a pending file as a whole: its valid records become `approved`, and Connect cuts it into chunks, ' +
          'one a hub.',
        params: UsageFileParams,
        body: AcceptUsageFileBody,
        response: {
          200: ok(
            UsageFileRef,
            'The accepted file.',
            fileExample('accepted', ['approve-all', 'reconcile', 'reprocess', 'close-records', 'close'])
          ),
          ...problems([400, 404, 409, 413, 415])
        }
      }
    },
    async request => {
      const { usageFiles } = app.connect
      const { fileId: id } = request.params
      const context = writeContext(request)
      const note = request.body?.note ?? undefined
      return await performFileAction({
        id,
        action: 'accept',
        role: context.account.role,
        attempt: context.attempt,
        act: async again => await usageFiles.accept(id, present('acceptance_note', note), { ...context, ...again }),
        read: async () => await usageFiles.get(id, context),
        isDone: isAcceptedWith(note)
      })
    }
  )
}
