import { Type } from './type.ts'
import { productId } from './patterns.ts'

export const ProductParams = Type.Object({ productId }, { additionalProperties: false })
