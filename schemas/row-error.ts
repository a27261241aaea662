import type { Static } from 'typebox'
import { Type } from 'typebox'
import type { Readable } from 'node:stream'
import { XLSX } from '../src/media-types.ts'
import { counter, nullable, text, words } from './common.ts'
import { anyOf, LINK, okList, pagingQuery, querystring, type List } from './paging.ts'
import { TABLE_FORMS } from './workbook.ts'

export const ROW_ERROR_EXAMPLE = {
  row: 3,
  recordId: 'r-2',
  usageRecordId: null,
  column: 'item_search_value',
  cell: 'D3',
  code: 'USG_011',
  message: 'Unknown MPN',
  value: 'VM-SMAL',
  source: 'workbook'
} as const

export const RowError = Type.Object(
  {
    row: nullable(Type.Integer({
      minimum: 1, description: 'The row of the workbook, as a spreadsheet shows it: the header is row 1.', examples: [3]
    })),
    recordId: text('The `record_id` in that row.', { examples: ['r-2'] }),
    usageRecordId: text('The id of the usage record in Connect.', { examples: ['UR-2026-10-2476-0039-0000-5775'] }),
    column: text('The name of the column.', { examples: ['item_search_value'] }),
    cell: text('The cell, as a spreadsheet names it.', { examples: ['D3'] }),
    code: text("Connect's code of the error.", { examples: ['USG_011'] }),
    message: text('What is wrong, in the words of Connect.', { examples: ['Unknown MPN'] }),
    value: text('What the cell holds.', { examples: ['VM-SMAL'] }),
    source: words(
      'RowErrorSource',
      'Where the error was found: `workbook` is a comment on a cell of the processed workbook; `records` is an ' +
      'invalid record, which does not tell its row.',
      ['workbook', 'records']
    )
  },
  {
    $id: 'RowError',
    additionalProperties: false,
    description: 'One error that Connect found in a row of a usage file. What Connect does not tell is null.',
    examples: [ROW_ERROR_EXAMPLE]
  }
)
export type RowError = Static<typeof RowError>
export const RowErrorRef = Type.Unsafe<RowError>(Type.Ref('RowError'))

export interface RowErrorPage extends List<RowError> { byCode: Array<{ code: string | null, count: number }> }

export const RowErrorsQuery = querystring({
  ...pagingQuery,
  code: anyOf("Connect's codes of errors.", 'USG_011'),
  format: Type.Optional(
    words('TableForm', 'The form of a table: a workbook, or its rows in a form of text.', TABLE_FORMS, {
      description:
        'The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all errors; `xlsx` gives the ' +
        'uploaded workbook with the cells marked.',
      examples: ['xlsx']
    })
  )
})
export type RowErrorsQuery = Static<typeof RowErrorsQuery>

export const okRowErrors = (() => {
  const answer = okList(RowErrorRef, 'row errors', ROW_ERROR_EXAMPLE, LINK)
  const { schema, example } = answer.content['application/json']
  const byCode = Type.Array(
    Type.Object(
      {
        code: text("Connect's code; null for errors without one.", { examples: ['USG_011'] }),
        count: counter('Errors with this code.')
      },
      { title: 'RowErrorCount', additionalProperties: false, description: 'How often one code is there.' }
    ),
    { description: 'How often each code is there, over all errors of the file.' }
  )
  const page = Type.Unsafe<RowErrorPage>({
    ...schema, properties: { ...schema.properties, byCode }, required: [...schema.required, 'byCode']
  })
  return {
    ...answer,
    content: {
      ...answer.content,
      'application/json': { schema: page, example: { ...example as object, byCode: [{ code: 'USG_011', count: 1 }] } },
      [XLSX]: {
        schema: Type.Unsafe<Readable>({
          type: 'string',
          format: 'binary',
          description: 'All rows of the uploaded workbook, with a red border and a comment on each wrong cell.'
        }),
        example: 'bytes of the workbook'
      }
    }
  }
})()
