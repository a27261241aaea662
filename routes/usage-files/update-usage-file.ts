import { problems } from '../../schemas/problem.ts'
import { ok } from '../../schemas/responses.ts'
import { UPDATE_EXAMPLE, UpdateUsageFileBody } from '../../schemas/usage-file-input.ts'
import { USAGE_FILE_EXAMPLE, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import type * as Connect from '../../src/connect/types.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { ignoresUpdate, showsUpdate, updateBody } from '../../src/usage/writes/file-header.ts'
import { confirmWrite, notShown } from '../../src/usage/writes/confirm-write.ts'
import { sendFileAction } from '../../src/usage/writes/perform-action.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'

export const updateUsageFile: RoutePlugin = async (app) => {
  app.patch(
    '/:fileId',
    {
      config: { scope: 'usage:write' },
      schema: {
        operationId: 'updateUsageFile',
        tags: ['Usage files'],
        summary: 'Change the header of a usage file',
        description:
          'Changes the given fields and leaves the others alone; null clears a field. Connect takes the whole ' +
          'header, so each change reads it first. Changes of one file take turns within an instance of this service; ' +
          'two that meet in different instances can still undo each other.',
        params: UsageFileParams,
        body: UpdateUsageFileBody,
        response: {
          200: ok(UsageFileRef, 'The file as it is now.', { ...USAGE_FILE_EXAMPLE, ...UPDATE_EXAMPLE }),
          ...problems([400, 404, 409, 413, 415])
        }
      }
    },
    async request => {
      const { usageFiles } = app.connect
      const {
        body,
        params: { fileId: id }
      } = request
      const context = writeContext(request)
      const { role } = context.account
      const read = async () => await usageFiles.get(id, context)
      return await app.inTurn(context, id, async () => {
        const before = context.noteBefore(await read())
        const header = updateBody(before, body)
        const answer = await sendFileAction({
          id,
          action: 'update',
          role,
          read,
          before,
          act: async again => await usageFiles.update(id, header, { ...context, ...again }),
          isDone: file => showsUpdate(file, body),
          attempt: context.attempt
        })
        const isUndone = (file: Connect.UsageFile): boolean => ignoresUpdate(before, file, body)
        const file = await confirmWrite({ whole: null, answer, read, isUndone })
        if (file !== null) return toUsageFile(file, role, 'detail')
        const shown = { ...before, ...answer, id }
        if (!showsUpdate(shown, body)) throw notShown()
        return toUsageFile(shown, role, 'list')
      })
    }
  )
}
