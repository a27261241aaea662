import { Type } from 'typebox'
import { CSV, NDJSON } from '../src/media-types.ts'
import { Moment, schemaWord } from './common.ts'
import { querystring } from './paging.ts'

const rowsQuery = {
  format: Type.Optional(
    Type.Enum(['json', 'csv', 'ndjson'], {
      type: 'string',
      description: 'The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all problems.',
      examples: ['csv']
    })
  ),
  delimiter: Type.Optional(
    Type.Enum([',', ';', '\t', '|'], {
      type: 'string',
      description: 'Only for a body of CSV: what separates its cells. Default: found in the first line.',
      examples: [';']
    })
  ),
  decimal: Type.Optional(
    Type.Enum(['point', 'comma'], {
      type: 'string', description: 'Only for a body of CSV: its decimal sign. Default: `point`.', examples: ['comma']
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
/** The parameters that say how the rows of a body are read, and in which form the answer is. */
export interface RowsQuery {
  readonly format?: 'json' | 'csv' | 'ndjson'
  readonly delimiter?: ',' | ';' | '\t' | '|'
  readonly decimal?: 'point' | 'comma'
  readonly escape?: 'true' | 'false'
  readonly defaults?: string
}

export const CheckUsageQuery = querystring({
  schema: { ...schemaWord, description: 'The schema of the product.', examples: ['cr'] },
  from: Type.Optional(Moment('Begin of the period of the file. Without both, rows are not compared with a period.')),
  to: Type.Optional(Moment('End of the period of the file. A date includes the whole day.', '2026-10-31')),
  ...rowsQuery
})
export const CheckUsageOfFileQuery = querystring(rowsQuery)

const ROW_EXAMPLE = {
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

/** Rows in the forms of text. */
export const rowsBody = {
  description: 'The rows: CSV with the names of the columns in the first line, one JSON object a line, or JSON.',
  content: {
    [CSV]: {
      schema: {
        type: 'string',
        description: 'CSV in UTF-8.',
        examples: [`${Object.keys(ROW_EXAMPLE).join(',')}\r\n${Object.values(ROW_EXAMPLE).join(',')}\r\n`]
      }
    },
    [NDJSON]: {
      schema: {
        type: 'string',
        description: 'One row a line; before them lines `{ "category": { … } }`.',
        examples: [`${JSON.stringify(ROW_EXAMPLE)}\n`]
      }
    },
    'application/json': {
      schema: {
        title: 'UsageRows',
        type: 'object',
        additionalProperties: false,
        required: ['rows'],
        description: 'Rows of usage.',
        properties: {
          rows: {
            type: 'array',
            description: 'The rows, by column name. Numbers may be numbers.',
            items: { type: 'object', additionalProperties: { type: ['string', 'number', 'null'] } }
          },
          categories: {
            type: 'array',
            description: 'The categories of the file.',
            items: { type: 'object', additionalProperties: { type: ['string', 'null'] } }
          }
        },
        examples: [{ rows: [ROW_EXAMPLE], categories: [] }]
      }
    }
  }
}
