import type { Static } from 'typebox'
import { Type } from 'typebox'
import { anyOfIds, pagingQuery, querystring, sortQuery } from './paging.ts'
import { chunkId, fileId, hubId, reconciliationId, providerId } from './patterns.ts'
import { linesContent, rowsQuery, tableBody } from './rows-input.ts'

export const RECONCILIATION_SORTS = ['fileId', 'chunkId'] as const
export const NOTE_LENGTH = 200

export const ReconciliationParams = Type.Object({
  reconciliationId
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

/** The query parameters of createReconciliation. With a workbook, `chunkId` is refused. */
export const CreateReconciliationQuery = querystring({
  chunkId: Type.Optional(Type.Unsafe<string>({
    ...chunkId, description: 'The chunk whose records the rows close. Only for rows, and needed there.'
  })),
  ...rowsQuery
})

const ROW_EXAMPLE = { record_id: 'r-1', external_billing_id: 'INV-2026-004711', external_billing_note: 'October run' }

export const billingBody = {
  description:
    'The workbook with the billing columns filled, or rows of `record_id`, `external_billing_id` and ' +
    '`external_billing_note` as CSV, NDJSON or JSON. A form holds one of them in the field `file`.',
  content: {
    ...tableBody('').content,
    ...linesContent(ROW_EXAMPLE, 'One row a line.'),
    'application/json': {
      schema: {
        title: 'BillingRows',
        type: 'object',
        additionalProperties: false,
        required: ['rows'],
        description: 'Rows with billing ids.',
        properties: {
          rows: {
            type: 'array',
            description: 'The rows, by column name.',
            items: {
              title: 'BillingRow',
              type: 'object',
              additionalProperties: { type: ['string', 'number', 'null'] },
              description: 'The billing of a record, by column name.'
            }
          }
        },
        examples: [{ rows: [ROW_EXAMPLE] }]
      }
    }
  }
}

const { schema: form } = billingBody.content['multipart/form-data']

/** Swagger UI sends the fields of a form in the order of this schema, and `note` must come before `file`. */
export const reconciliationBody = {
  description: `${billingBody.description} An optional field \`note\` comes before it.`,
  content: {
    ...billingBody.content,
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
