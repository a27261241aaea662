import type { Category } from '../workbooks/types.ts'
import type { View } from './common.ts'

export const categoryView = ({ id, name, description }: Category): View => ({ id, name, description })
