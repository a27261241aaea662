import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { problems } from '../../schemas/problem.ts'
import { ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { uploadBody } from '../../schemas/upload.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { readBefore, sendWrite, showAfter } from '../../src/usage/writes/engine.ts'
import { UPLOAD } from '../../src/usage/writes/file-operations.ts'

export const uploadUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/usage-files/:fileId/upload',
    {
      config: {
        scope: 'usage:write',
        documentedBody: uploadBody('The workbook'),
        uploadForm: { fieldName: 'usage_file', fields: {} },
        idempotency: 'file'
      },
      schema: {
        operationId: 'uploadUsageFile',
        tags: ['Usage files'],
        summary: 'Upload the workbook of a usage file',
        description:
          'Streams the workbook on to Connect, which then checks it: poll the file until it is `ready` or ' +
          '`invalid`. A body that is cut off, too large or not a workbook never reaches Connect as a complete one. ' +
          'A later upload replaces all records.',
        params: UsageFileParams,
        response: {
          202: ok(
            UsageFileRef,
            'Connect has the workbook and is processing it.',
            fileExample('processing', ['update']),
            RETRY_AFTER
          ),
          ...problems([409, 422])
        }
      }
    },
    async (request, reply) => {
      const { params } = request
      // Read before the upload: when the usage file does not exist, no body is received.
      const run = await readBefore(UPLOAD, app.connect, params, writeContext(request))
      const file = await app.forwardUpload(request, reply, async (body, sending) => {
        const write = {
          ...UPLOAD,
          send: async () => await app.connect.usageFiles.upload(params.fileId, body, sending)
        }
        return await showAfter(write, run, await sendWrite(write, run))
      })
      return await reply.code(202).header('retry-after', '2').send(file)
    }
  )
}
