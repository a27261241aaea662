import type { Category } from '../../../schemas/category.ts'
import type * as Connect from '../../connect/types.ts'
import { requiredId, text, type Fields } from './normalize.ts'

export function toCategory (category: Connect.UsageCategory): Category {
  const given = category as Fields
  return { id: requiredId(given, 'category'), name: text(given['name']), description: text(given['description']) }
}
