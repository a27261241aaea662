import { fileExample, UsageFileParams, UsageFileRef } from '../../schemas/usage-file.ts'
import { problems } from '../../schemas/problem.ts'
import { ok, RETRY_AFTER } from '../../schemas/responses.ts'
import { querystring } from '../../schemas/paging.ts'
import { billingBody } from '../../schemas/reconciliation-input.ts'
import { rowsQuery } from '../../schemas/rows-input.ts'
import { ROWS_INVALID } from '../../schemas/usage-check.ts'
import { writeContext } from '../../src/http/call-context.ts'
import { fillRows } from '../../src/http/fill-rows.ts'
import { sendWritten } from '../../src/http/send-object.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { toUsageFile } from '../../src/usage/mapping/usage-file.ts'
import { readBefore, sendWrite, showAfter } from '../../src/usage/writes/engine.ts'
import { openWorkbook } from '../../src/usage/workbook.ts'
import { RECONCILE } from '../../src/usage/writes/file-operations.ts'

const SCHEMA = {
  operationId: 'reconcileUsageFile',
  tags: ['Usage files'],
  summary: 'Close records of a usage file by a workbook or by rows',
  description:
    'Sends a workbook with `external_billing_id` and `external_billing_note` on to Connect, which closes the ' +
    'records that have both. Rows of `record_id`, `external_billing_id` and `external_billing_note` are filled ' +
    'into the processed workbook of the file; a row that this workbook does not hold is 422 `ROWS_INVALID`, ' +
    'and nothing is sent. Sent again it makes a second reconciliation: ' +
    'after a 504 read the reconciliations first. 202 says only that Connect has the workbook: whether Connect ' +
    'could use it shows in `GET /v1/reconciliations?fileId=`, the address in the header `Link`.',
  params: UsageFileParams,
  querystring: querystring(rowsQuery),
  response: {
    202: ok(
      UsageFileRef,
      'Connect has the workbook and is processing it.',
      fileExample('accepted', ['reconcile', 'reprocess', 'close-records', 'close']),
      { ...RETRY_AFTER, link: { type: 'string', description: 'The reconciliations of the file: rel="status".' } }
    ),
    ...problems([409, 422], ROWS_INVALID)
  }
}

export const reconcileUsageFile: RoutePlugin = async (app) => {
  app.post(
    '/usage-files/:fileId/reconciliation',
    {
      config: {
        scope: 'usage:close',
        documentedBody: billingBody,
        uploadForm: { fieldName: 'recon_file', fields: {} },
        idempotency: 'file',
        takesWait: true
      },
      schema: SCHEMA
    },
    async (request, reply) => {
      const { params } = request
      // The usage file is read before the upload: when it does not exist, no body is received.
      const run = await readBefore(RECONCILE, app.connect, params, writeContext(request))
      const file = await app.forwardUpload(request, reply, async (body, sending) => {
        const write = {
          ...RECONCILE,
          send: async () => await app.connect.usageFiles.reconcile(params.fileId, body, sending)
        }
        return await showAfter(write, run, await sendWrite(write, run))
      }, async (rows, signal) => {
        const { usageFiles, storage } = app.connect
        const context = { ...writeContext(request), signal }
        return await fillRows(request, rows, async () => await openWorkbook(
          'processed',
          async () => await usageFiles.get(params.fileId, context),
          async link => await storage.fetch(link, context)
        ), signal)
      })
      const link = `</v1/reconciliations?fileId=${params.fileId}>; rel="status"`
      reply.code(202).headers({ 'retry-after': '2', link })
      return await sendWritten(request, reply, {
        kind: 'usage-file', shown: file, show: now => toUsageFile(now, run.context.actor, 'detail')
      })
    }
  )
}
