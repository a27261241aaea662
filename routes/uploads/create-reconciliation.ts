import { problems } from '../../schemas/problem.ts'
import { RECONCILIATION_EXAMPLE, ReconciliationRef } from '../../schemas/reconciliation.ts'
import { NOTE_LENGTH, reconciliationBody } from '../../schemas/reconciliation-input.ts'
import { LOCATION, ok } from '../../schemas/responses.ts'
import { writeContext } from '../../src/http/call-context.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { createReconciliation as create } from '../../src/usage/writes/create-reconciliation.ts'
import { reconciliationPath } from '../../src/usage/mapping/paths.ts'

const FORM = { fieldName: 'recon_file', fields: { note: { name: 'upload_note', maxChars: NOTE_LENGTH } } }
const STARTED = {
  status: 'uploaded',
  processingNote: null,
  files: { ...RECONCILIATION_EXAMPLE.files, processed: null }
}

export const createReconciliation: RoutePlugin = async (app) => {
  app.post(
    '/reconciliations',
    {
      config: { scope: 'usage:close', documentedBody: reconciliationBody, uploadForm: FORM, idempotency: 'file' },
      schema: {
        operationId: 'createReconciliation',
        tags: ['Reconciliations'],
        summary: 'Close records by a workbook',
        description:
          "Streams a chunk's workbook with `external_billing_id` and `external_billing_note` filled on to Connect, " +
          'which closes the records that have both. The workbook itself names its usage file and hub. A form may ' +
          'hold a `note` before the file; a workbook sent as the body itself has none. The rules of uploads apply. ' +
          'Sent again it makes a second reconciliation, which finds the records closed: after a 504 read the ' +
          'list first. When it closes the last open record of the file, Connect closes the file too.',
        response: {
          201: ok(
            ReconciliationRef,
            'Connect has the workbook and is processing it.',
            { ...RECONCILIATION_EXAMPLE, ...STARTED },
            LOCATION
          ),
          ...problems([422])
        }
      }
    },
    async (request, reply) => {
      const { reconciliations } = app.connect
      const reconciliation = await app.forwardUpload(
        request,
        reply,
        async (body, context, fields) =>
          await create({
            attempt: writeContext(request).attempt,
            note: fields.get('note') ?? null,
            create: async () => await reconciliations.create(body, context),
            read: async id => await reconciliations.get(id, writeContext(request))
          })
      )
      return await reply
        .code(201)
        .header('location', reconciliationPath(reconciliation.id))
        .send(reconciliation)
    }
  )
}
