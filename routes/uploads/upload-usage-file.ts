import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { problems } from '../../schemas/problem.ts'
import { ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { querystring } from '../../schemas/paging.ts'
import { assetsQuery, preparedRowsQuery, tableBody } from '../../schemas/rows-input.ts'
import { ROWS_INVALID } from '../../schemas/usage-check.ts'
import { writeContext } from '../../src/http/call-context.ts'
import { prepareRows } from '../../src/http/prepare-rows.ts'
import { sendWritten } from '../../src/http/send-object.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { checkedAs } from '../../src/usage/check-period.ts'
import { lookUpsOfFile } from '../../src/usage/look-ups.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { readBefore, sendWrite, showAfter } from '../../src/usage/writes/engine.ts'
import { UPLOAD } from '../../src/usage/writes/file-operations.ts'

const taken = ok(
  UsageFileRef, 'Connect has the workbook and is processing it.', fileExample('processing', ['update']), RETRY_AFTER
)

export const uploadUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/usage-files/:fileId/upload',
    {
      config: {
        scope: 'usage:write',
        documentedBody: tableBody('The usage'),
        uploadForm: { fieldName: 'usage_file', fields: {} },
        idempotency: 'file',
        takesWait: true
      },
      schema: {
        operationId: 'uploadUsageFile',
        tags: ['Usage files'],
        summary: 'Upload the usage of a usage file',
        description:
          'Sends a workbook on to Connect as it is, or rows in a workbook that is made of them. Connect then checks ' +
          'it; with `Prefer: wait=20` the answer comes when the file is `ready` or `invalid`. Rows are checked ' +
          'before, and Connect is asked for their items: rows with errors are refused and nothing is sent. A body ' +
          'that is cut off, too large or not a workbook never reaches Connect as a complete one. A later upload ' +
          'replaces all records.',
        params: UsageFileParams,
        querystring: querystring({ ...preparedRowsQuery, ...assetsQuery }),
        response: { 202: taken, ...problems([409, 422], ROWS_INVALID) }
      }
    },
    async (request, reply) => {
      const { params, query } = request
      // The usage file is read before the upload: when it does not exist, no body is received.
      const run = await readBefore(UPLOAD, app.connect, params, writeContext(request))
      const file = await app.forwardUpload(request, reply, async (body, sending) => {
        const write = {
          ...UPLOAD,
          send: async () => await app.connect.usageFiles.upload(params.fileId, body, sending)
        }
        return await showAfter(write, run, await sendWrite(write, run))
      }, async (rows, signal) => {
        const found = toUsageFile(run.object ?? await UPLOAD.read(run), run.context.actor, 'detail')
        const writing = { to: 'xlsx', maxBytes: app.tables.limits.workbook.maxBytes } as const
        const lookUps = lookUpsOfFile(found, app.connect, run.context, query)
        return await prepareRows(request, rows, { ...checkedAs(found), writing, lookUps }, signal)
      })
      reply.code(202).header('retry-after', '2')
      return await sendWritten(request, reply, {
        kind: 'usage-file', shown: file, show: now => toUsageFile(now, run.context.actor, 'detail')
      })
    }
  )
}
