import { freeText, sortable } from '../rql/collection.ts'
import type { Collection } from '../rql/collection.ts'
import type { Category } from '../workbooks/types.ts'

export const categoryCollection: Collection<Category> = {
  fields: {
    id: freeText((category) => category.id),
    name: freeText((category) => category.name, sortable)
  }
}
