import type { Static } from 'typebox'
import { Type } from 'typebox'
import { nullable, schemaWord, words } from './common.ts'
import { querystring } from './paging.ts'

export const UsageColumnsQuery = querystring({
  schema: { ...schemaWord, description: 'The schema of the product.', examples: ['cr'] }
})

const UsageColumn = Type.Object(
  {
    name: Type.String({ description: 'The name in the header row. `v.<name>` stands for every name that begins so.' }),
    type: words('UsageColumnType', 'What the values of a column are.', ['text', 'number', 'time'], {
      description: 'What the values are. A time is in UTC, as `YYYY-MM-DD hh:mm:ss`.'
    }),
    required: Type.Boolean({ description: 'Whether every row must have a value.' }),
    maxLength: nullable(
      Type.Integer({ minimum: 1, description: 'The most characters that Connect takes; null when no limit is known.' })
    ),
    values: nullable(
      Type.Array(Type.String(), { description: 'The only values, `<…>` for any text; null when there are others.' })
    ),
    description: Type.String({ description: 'What the column is for.' })
  },
  { title: 'UsageColumn', additionalProperties: false, description: 'A column of a workbook of usage.' }
)
export type UsageColumn = Static<typeof UsageColumn>

export const USAGE_COLUMNS_EXAMPLE = {
  schema: 'cr',
  columns: [
    {
      name: 'record_id',
      type: 'text',
      required: true,
      maxLength: null,
      values: null,
      description: 'The id that you give to the row. No other row of the file has the same.'
    },
    {
      name: 'item_search_criteria',
      type: 'text',
      required: true,
      maxLength: null,
      values: ['item.mpn', 'item.global_id', 'item.local_id'],
      description: 'How Connect finds the item: by MPN, by the id in Connect, or by the local id.'
    }
  ]
}

export const UsageColumns = Type.Object(
  {
    schema: { ...schemaWord, description: 'The schema that the columns are for.' },
    columns: Type.Array(UsageColumn, { description: 'The columns, in the usual order. Any order is allowed.' })
  },
  {
    $id: 'UsageColumns',
    additionalProperties: false,
    description: 'The columns that a workbook of usage may have.',
    examples: [USAGE_COLUMNS_EXAMPLE]
  }
)
export type UsageColumns = Static<typeof UsageColumns>
export const UsageColumnsRef = Type.Unsafe<UsageColumns>(Type.Ref('UsageColumns'))
