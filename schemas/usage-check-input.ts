import { Type } from 'typebox'
import { Moment, schemaWord } from './common.ts'
import { querystring } from './paging.ts'
import { rowsQuery, type RowsQuery } from './rows-input.ts'

const checkQuery = {
  ...rowsQuery,
  format: Type.Optional(
    Type.Enum(['json', 'csv', 'ndjson'], {
      type: 'string',
      description: 'The form of the answer. It goes before `Accept`. `csv` and `ndjson` give all problems.',
      examples: ['csv']
    })
  )
}
/** The parameters of a check that say in which form the answer is, and how the rows are read. */
export interface CheckQuery extends RowsQuery {
  readonly format?: 'json' | 'csv' | 'ndjson'
}

export const CheckUsageQuery = querystring({
  schema: { ...schemaWord, description: 'The schema of the product.', examples: ['cr'] },
  from: Type.Optional(Moment('Begin of the period of the file. Without both, rows are not compared with a period.')),
  to: Type.Optional(Moment('End of the period of the file. A date includes the whole day.', '2026-10-31')),
  ...checkQuery
})
export const CheckUsageOfFileQuery = querystring(checkQuery)
