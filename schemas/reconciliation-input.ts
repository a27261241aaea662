import type { Static } from 'typebox'
import { Type } from 'typebox'
import { anyOfIds, pagingQuery, querystring, sortQuery } from './paging.ts'
import { chunkId, fileId, hubId, idOf, providerId } from './patterns.ts'
import { uploadBody } from './upload.ts'

export const RECONCILIATION_SORTS = ['fileId', 'chunkId'] as const
export const NOTE_LENGTH = 200

export const ReconciliationParams = Type.Object({
  reconciliationId: idOf('reconciliation', '^RCF(-[0-9]{1,12}){2,8}$', 'RCF-2026-09-0041-0024-001')
}, { additionalProperties: false })

export const ListReconciliationsQuery = querystring({
  fileId: anyOfIds('Ids of usage files.', fileId),
  chunkId: anyOfIds('Ids of chunks.', chunkId),
  providerId: anyOfIds('Ids of provider accounts; reconciliations of whole files have none.', providerId),
  hubId: anyOfIds('Ids of hubs.', hubId),
  ...sortQuery(RECONCILIATION_SORTS, '-fileId'),
  ...pagingQuery
})
export type ListReconciliationsQuery = Static<typeof ListReconciliationsQuery>

const { content } = uploadBody('The workbook with the billing columns filled')
const { schema: form } = content['multipart/form-data']

/** Swagger UI sends the fields of a form in the order of this schema. The note must come before the file. */
export const reconciliationBody = {
  description:
    'The workbook in the form field `file`, after an optional `note`; or as the body itself, then without a note.',
  content: {
    ...content,
    'multipart/form-data': {
      schema: {
        ...form,
        title: 'ReconciliationForm',
        description: 'A form. `note` comes before `file`.',
        properties: {
          note: {
            type: 'string',
            maxLength: NOTE_LENGTH,
            description: 'A remark on the reconciliation. Comes before the file.',
            examples: ['October invoices']
          },
          ...form.properties
        }
      }
    }
  }
}
