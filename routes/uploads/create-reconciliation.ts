import { invalidField } from '../../src/errors/app-error.ts'
import { problems } from '../../schemas/problem.ts'
import { RECONCILIATION_EXAMPLE, ReconciliationRef } from '../../schemas/reconciliation.ts'
import { CreateReconciliationQuery, NOTE_LENGTH, reconciliationBody } from '../../schemas/reconciliation-input.ts'
import { LOCATION, ok } from '../../schemas/responses.ts'
import { ROWS_INVALID } from '../../schemas/usage-check.ts'
import { writeContext } from '../../src/http/call-context.ts'
import { fillRows } from '../../src/http/fill-rows.ts'
import { sendWritten } from '../../src/http/send-object.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { missingChunkWorkbook } from '../../src/usage/missing-workbook.ts'
import { openServed } from '../../src/usage/workbook.ts'
import { toReconciliation } from '../../src/usage/mapping/reconciliation.ts'
import { createReconciliation as create } from '../../src/usage/writes/create-reconciliation.ts'
import { reconciliationPath } from '../../src/usage/mapping/paths.ts'

const FORM = { fieldName: 'recon_file', fields: { note: { name: 'upload_note', maxChars: NOTE_LENGTH } } }
const STARTED = {
  status: 'uploaded',
  processingNote: null,
  files: { ...RECONCILIATION_EXAMPLE.files, processed: null }
}

const SCHEMA = {
  operationId: 'createReconciliation',
  tags: ['Reconciliations'],
  summary: 'Close records by a workbook or by rows',
  description:
    "Sends a chunk's workbook with `external_billing_id` and `external_billing_note` filled on to Connect, which " +
    'closes the records that have both. Rows of `record_id`, `external_billing_id` and `external_billing_note` ' +
    'are filled into the workbook of the chunk that `chunkId` names; a row that this workbook does not hold is ' +
    '422 `ROWS_INVALID`, and nothing is sent. A workbook names its usage file and hub itself. A form may hold a ' +
    '`note` before the file. Sent again it makes a second reconciliation, which finds the records closed: after ' +
    'a 504 read the list first.',
  querystring: CreateReconciliationQuery,
  response: {
    201: ok(
      ReconciliationRef,
      'Connect has the workbook and is processing it.',
      { ...RECONCILIATION_EXAMPLE, ...STARTED },
      LOCATION
    ),
    ...problems([422], ROWS_INVALID)
  }
}

export const createReconciliation: RoutePlugin = async (app) => {
  app.post(
    '/reconciliations',
    {
      config: {
        scope: 'usage:close',
        documentedBody: reconciliationBody,
        uploadForm: FORM,
        idempotency: 'file',
        takesWait: true
      },
      schema: SCHEMA
    },
    async (request, reply) => {
      const { reconciliations, usageChunks } = app.connect
      const { chunkId } = request.query
      let isRows = false
      const shown = await app.forwardUpload(
        request,
        reply,
        async (body, context, fields) => {
          if (!isRows && chunkId !== undefined) {
            throw invalidField('query.chunkId', 'is for rows only: a workbook names its usage file and hub itself')
          }
          return await create({
            attempt: writeContext(request).attempt,
            sent: { note: fields.get('note') ?? null, chunkId: chunkId ?? null },
            create: async () => await reconciliations.create(body, context),
            read: async id => await reconciliations.get(id, writeContext(request))
          })
        },
        async (rows, signal) => {
          isRows = true
          if (chunkId === undefined) throw invalidField('query.chunkId', 'must name the chunk that holds the rows')
          const context = { ...writeContext(request), signal }
          return await fillRows(request, rows, async () => await openServed(
            async () => await usageChunks.download(chunkId, context),
            async () => missingChunkWorkbook(await usageChunks.get(chunkId, context))
          ), signal)
        }
      )
      reply.code(201).header('location', reconciliationPath(shown.id))
      return await sendWritten(request, reply, { kind: 'reconciliation', shown, show: toReconciliation })
    }
  )
}
