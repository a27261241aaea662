import { Type } from 'typebox'
import { Moment, schemaWord, words } from './common.ts'
import { querystring } from './paging.ts'
import { assetsQuery, rowsQuery, type AssetsQuery, type RowsQuery } from './rows-input.ts'
import { TABLE_FORMS } from './workbook.ts'

const checkQuery = {
  ...rowsQuery,
  ...assetsQuery,
  format: Type.Optional(
    words('TableForm', 'The form of a table: a workbook, or its rows in a form of text.', TABLE_FORMS, {
      description:
        'The form of the answer. It goes before `Accept`. Default: `json`. `csv` and `ndjson` give all problems; ' +
        '`xlsx` gives the rows as a workbook, with the wrong cells marked.',
      examples: ['xlsx']
    })
  )
}
export interface CheckQuery extends RowsQuery, AssetsQuery {
  readonly format?: typeof TABLE_FORMS[number]
}

export const CheckUsageQuery = querystring({
  schema: { ...schemaWord, description: 'The schema of the product.', examples: ['cr'] },
  from: Type.Optional(Moment('Begin of the period of the file. Without both, rows are not compared with a period.')),
  to: Type.Optional(Moment('End of the period of the file. A date includes the whole day.', '2026-10-31')),
  ...checkQuery
})
export const CheckUsageOfFileQuery = querystring(checkQuery)
