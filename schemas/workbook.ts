import { Type } from 'typebox'
import type { Readable } from 'node:stream'
import { CSV, NDJSON, XLSX } from '../src/media-types.ts'
import { words } from './common.ts'
import { choice, querystring } from './paging.ts'

/** The forms in which a table is received and sent: a workbook, or rows in a form of text. */
export const TABLE_FORMS = ['xlsx', 'csv', 'ndjson', 'json'] as const

export interface WorkbookQuery {
  readonly format?: typeof TABLE_FORMS[number]
  readonly sheet?: string
  readonly bom?: 'true' | 'false'
  readonly escape?: 'true' | 'false'
}

export const tableFormat = Type.Optional(
  words('TableForm', 'The form of a table: a workbook, or its rows in a form of text.', TABLE_FORMS, {
    description: 'The form of the answer. It goes before `Accept`. Default: `xlsx`.',
    examples: ['csv']
  })
)

export const WorkbookQuery = querystring({
  format: tableFormat,
  sheet: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 31,
      description: 'The sheet whose rows the answer holds. Not for XLSX, which holds all sheets. Default: `records`.',
      examples: ['general']
    })
  ),
  bom: choice('CSV only: begin with a byte order mark, by which Excel knows UTF-8. Default: `false`.'),
  escape: choice(
    "CSV only: write a `'` before texts that begin with `=`, `+`, `-`, `@`, `'`, a tab or a carriage return, so that " +
      'a spreadsheet takes none of them for a formula. Numbers stay as they are. Default: `true`.'
  )
})

const ROW_EXAMPLE = {
  record_id: 'r-1', item_search_value: 'VM-SMALL', quantity: '7.5', start_time_utc: '2026-10-01 00:00:00'
}
const cells = (title: string, description: string) => ({
  title, type: 'object', additionalProperties: { type: 'string' }, description
})

const TableRows = Type.Unsafe<Readable>({
  title: 'TableRows',
  type: 'object',
  additionalProperties: false,
  required: ['rows', 'categories'],
  description: 'The rows of a sheet. Each value is a text, digit for digit; a cell without a value is absent.',
  properties: {
    rows: { type: 'array', description: 'The rows, by column name.', items: cells('TableRow', 'One row.') },
    categories: {
      type: 'array',
      description: 'The rows of the sheet `categories`, if there is one.',
      items: cells('TableCategory', 'One category.')
    }
  }
})

/** Gives the response of a download for the OpenAPI document. All its forms are sent as streams. */
export const workbook = (description: string) => {
  const text = (description: string) => Type.Unsafe<Readable>({ type: 'string', description })
  return {
    description: `${description} In a form of text: the rows of one sheet.`,
    headers: { 'content-disposition': { type: 'string', description: 'The name to store the file under.' } },
    content: {
      // Because of this example, Swagger UI shows no "XML example" for the media type, whose name has `xml` in it.
      [XLSX]: { schema: Type.Unsafe<Readable>({ type: 'string', format: 'binary' }), example: 'bytes of the workbook' },
      [CSV]: {
        schema: text('The names of the columns, then the rows. An answer that is cut off is not complete.'),
        example: `${Object.keys(ROW_EXAMPLE).join(',')}\r\n${Object.values(ROW_EXAMPLE).join(',')}\r\n`
      },
      [NDJSON]: {
        schema: text('One row a line; before them lines `{ "category": { … } }`.'),
        example: `${JSON.stringify(ROW_EXAMPLE)}\n`
      },
      'application/json': { schema: TableRows, example: { rows: [ROW_EXAMPLE], categories: [] } }
    }
  }
}
