import type { Static } from 'typebox'
import { Type } from 'typebox'
import { text } from './common.ts'
import { anyOf, pagingQuery, querystring, sortQuery } from './paging.ts'

export const CATEGORY_EXAMPLE = { id: 'compute', name: 'Compute', description: 'Virtual machines and their disks' }

export const Category = Type.Object(
  {
    id: Type.String({ description: 'Id of the category, as the workbook gives it.', examples: ['compute'] }),
    name: text('Name of the category.'),
    description: text('What belongs into it.')
  },
  {
    $id: 'Category',
    additionalProperties: false,
    description: "A grouping of records, declared in the workbook's `categories` sheet.",
    examples: [CATEGORY_EXAMPLE]
  }
)
export type Category = Static<typeof Category>
export const CategoryRef = Type.Unsafe<Category>(Type.Ref('Category'))

export const CategoriesQuery = querystring({
  id: anyOf('Ids of categories.', 'compute'),
  name: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Text anywhere in the name, in any case.',
      examples: ['comp']
    })
  ),
  ...sortQuery(['name'], '-name'),
  ...pagingQuery
})
export type CategoriesQuery = Static<typeof CategoriesQuery>
