import { problems } from '../../schemas/problem.ts'
import { NoBody, ok } from '../../schemas/responses.ts'
import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { undecidedRecords } from '../../src/usage/writes/file-effects.ts'
import { performFileAction } from '../../src/usage/writes/perform-action.ts'

export const approveAllUsageRecords: RoutePlugin = async (app) => {
  app.post(
    '/:fileId/approve-all',
    {
      config: { scope: 'usage:decide', documentedBody: null },
      schema: {
        operationId: 'approveAllUsageRecords',
        tags: ['Usage files'],
        summary: 'Approve every record of a usage file',
        description: 'Approves the records that usage rules or single decisions left open or rejected.',
        params: UsageFileParams,
        body: NoBody,
        response: {
          200: ok(
            UsageFileRef,
            'The file with its records approved.',
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
      const undecided = async (): Promise<number> => await app.connect.usageRecords.count(undecidedRecords(id), context)
      return await performFileAction({
        id,
        action: 'approve-all',
        role: context.account.role,
        attempt: context.attempt,
        act: async again => await usageFiles.approveAll(id, { ...context, ...again }),
        read: async () => await usageFiles.get(id, context),
        isDone: async () => (await undecided()) === 0,
        // A file as an answer is Connect's word; a page of a gateway's is not, and then its records are looked at.
        isUndone: async (_file, isRead) => isRead && (await undecided()) > 0
      })
    }
  )
}
