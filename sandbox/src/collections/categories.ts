import type { Collection } from '../rql/collection.ts'
import type { Category } from '../workbooks/types.ts'

/** The values are any text. Like choices, they cannot be compared with null() or empty(). */
export const categoryCollection: Collection<Category> = {
  fields: {
    id: { lookups: 'choice', get: (category) => category.id, search: true },
    name: { lookups: 'choice', get: (category) => category.name, search: true, ordering: true }
  }
}
