import { Type } from 'typebox'
import { CSV, NDJSON } from '../src/media-types.ts'
import { schemaWord } from './common.ts'
import { querystring } from './paging.ts'
import { fileForm, uploadBody } from './upload.ts'
import { tableFormat, type TABLE_FORMS } from './workbook.ts'

/** The query parameters that say how the rows of a body are read. */
export const rowsQuery = {
  delimiter: Type.Optional(
    Type.Enum([',', ';', '\t', '|'], {
      type: 'string',
      description: 'Only for a body of CSV: what separates its cells. Default: found in the first line.',
      examples: [';']
    })
  ),
  decimal: Type.Optional(
    Type.Enum(['point', 'comma'], {
      type: 'string',
      description:
        'Only for a body of CSV: its decimal sign. Default: `point`. With `comma`, a number with a point is 400: it ' +
        'may be a thousand and more.',
      examples: ['comma']
    })
  ),
  escape: Type.Optional(
    Type.Enum(['true', 'false'], {
      type: 'string',
      description:
        "Only for a body of CSV: `true` when it was written with a `'` before texts that look like formulas, as this " +
        'service does. Default: `false`.',
      examples: ['true']
    })
  ),
  defaults: Type.Optional(
    Type.String({
      maxLength: 4_000,
      description: 'A JSON object of columns and their values, for rows that lack the column.',
      examples: ['{"item_search_criteria":"item.mpn"}']
    })
  )
}
export interface RowsQuery {
  readonly delimiter?: ',' | ';' | '\t' | '|'
  readonly decimal?: 'point' | 'comma'
  readonly escape?: 'true' | 'false'
  readonly defaults?: string
}

export const assetsQuery = {
  assets: Type.Optional(
    Type.Enum(['true', 'false'], {
      type: 'string',
      description:
        'Only for rows: `true` asks Connect for the subscriptions that the rows name, too. Items are always asked ' +
        'for. Default: `false`.',
      examples: ['true']
    })
  )
}
export interface AssetsQuery { readonly assets?: 'true' | 'false' }

export const preparedRowsQuery = {
  ...rowsQuery,
  check: Type.Optional(
    Type.Enum(['report'], {
      type: 'string',
      description:
        'Only for rows: `report` takes them in spite of errors, where a workbook can hold them. Default: rows with ' +
        'errors are refused with 422 `ROWS_INVALID`.',
      examples: ['report']
    })
  )
}
export interface PreparedRowsQuery extends RowsQuery {
  readonly check?: 'report'
}

export const ConvertUsageQuery = querystring({
  schema: { ...schemaWord, description: 'The schema of the product.', examples: ['cr'] },
  format: tableFormat,
  ...preparedRowsQuery
})
export interface ConvertQuery extends PreparedRowsQuery {
  readonly format?: typeof TABLE_FORMS[number]
}

export const ROW_EXAMPLE = {
  record_id: 'r-1',
  item_search_criteria: 'item.mpn',
  item_search_value: 'VM-SMALL',
  quantity: '7.5',
  start_time_utc: '2026-10-01 00:00:00',
  end_time_utc: '2026-10-31 23:59:59',
  asset_search_criteria: 'asset.id',
  asset_search_value: 'AS-1234-1234-1234',
  amount: '12.50'
}

/** The media types CSV and NDJSON of rows. `example` is one row; `lines` describes the lines of NDJSON. */
export const linesContent = (example: Readonly<Record<string, string>>, lines: string) => ({
  [CSV]: {
    schema: {
      type: 'string',
      description: 'CSV in UTF-8.',
      examples: [`${Object.keys(example).join(',')}\r\n${Object.values(example).join(',')}\r\n`]
    }
  },
  [NDJSON]: { schema: { type: 'string', description: lines, examples: [`${JSON.stringify(example)}\n`] } }
})

/** The schemas of the members `rows` and `categories` of a JSON body of rows of usage. */
export const usageRows = {
  rows: {
    type: 'array',
    description: 'The rows, by column name. Numbers may be numbers.',
    items: {
      title: 'UsageRow',
      type: 'object',
      additionalProperties: { type: ['string', 'number', 'null'] },
      description: 'A row of usage, by column name.'
    }
  },
  categories: {
    type: 'array',
    description: 'The categories of the file.',
    items: {
      title: 'CategoryRow',
      type: 'object',
      additionalProperties: { type: ['string', 'null'] },
      description: 'A category, by column name of its sheet.'
    }
  }
}

/** The media types CSV, NDJSON and JSON of a request body of rows of usage, for the OpenAPI document. */
const textContent = {
  ...linesContent(ROW_EXAMPLE, 'One row a line; before them lines `{ "category": { … } }`.'),
  'application/json': {
    schema: {
      title: 'UsageRows',
      type: 'object',
      additionalProperties: false,
      required: ['rows'],
      description: 'Rows of usage.',
      properties: usageRows,
      examples: [{ rows: [ROW_EXAMPLE], categories: [] }]
    }
  }
}

/** Gives the request body of a table for the OpenAPI document. `what` describes the table. */
export const tableBody = (what: string) => ({
  description:
    `${what}: an XLSX workbook, or rows as CSV, NDJSON or JSON. A form holds one of them in the field \`file\`; its ` +
    'first bytes, its name and its type tell which.',
  content: {
    ...uploadBody('').content,
    'multipart/form-data': fileForm('TableFileForm', 'The workbook (.xlsx), or the rows (.csv, .ndjson, .json).'),
    ...textContent
  }
})
