import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Events, Time, nullable, reference, text, words } from './common.ts'

export const RECONCILIATION_STATUSES = ['uploaded', 'processing', 'processed', 'failed'] as const

export const RECONCILIATION_EXAMPLE = {
  id: 'RCF-2026-09-0041-0024-001',
  fileId: 'UF-2026-09-1512-0016',
  chunkId: 'UFC-2026-09-1512-0016-001',
  status: 'processed',
  hub: { id: 'HB-5603-6213', name: 'Commerce Europe' },
  note: 'October invoices',
  processingNote: 'Closed 12, refused 0, left 0.',
  errorDetail: null,
  events: [{ type: 'created', at: '2026-11-05T08:30:00Z', by: { id: 'SU-400-500-600', name: 'Provider integration' } }],
  files: {
    uploaded: '/v1/reconciliations/RCF-2026-09-0041-0024-001/files/uploaded',
    processed: '/v1/reconciliations/RCF-2026-09-0041-0024-001/files/processed'
  },
  createdAt: '2026-11-05T08:30:00Z'
}

export const Reconciliation = Type.Object(
  {
    id: Type.String({ description: 'Id of the reconciliation.', examples: ['RCF-2026-09-0041-0024-001'] }),
    fileId: text('Id of the usage file it is about.'),
    chunkId: text('Id of the chunk it is about; null when it is about the whole file.'),
    status: nullable(
      words(
        'ReconciliationStatus',
        '`uploaded`, `processing`: Connect reads the workbook. `processed`: Connect has closed what the workbook ' +
        'names. `failed`: `errorDetail` says why.',
        RECONCILIATION_STATUSES,
        { description: 'Where it stands; null when Connect sent a status that this service does not know.' }
      )
    ),
    hub: reference('The commerce system it came from.'),
    note: text("The uploader's remark."),
    processingNote: text("Connect's remark after processing."),
    errorDetail: text('Why it failed.'),
    events: Events,
    files: Type.Object(
      {
        uploaded: Type.String({ description: 'Path of the uploaded workbook in this API.' }),
        processed: text('Path of the processed workbook in this API; null while it does not exist.')
      },
      { additionalProperties: false, description: 'Where its workbooks are.' }
    ),
    createdAt: Time('When it was uploaded.')
  },
  {
    $id: 'Reconciliation',
    additionalProperties: false,
    description: 'An upload that brings billing ids for records.',
    examples: [RECONCILIATION_EXAMPLE]
  }
)
export type Reconciliation = Static<typeof Reconciliation>
export const ReconciliationRef = Type.Unsafe<Reconciliation>(Type.Ref('Reconciliation'))
