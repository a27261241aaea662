import { Type } from 'typebox'
import { productId } from './patterns.ts'

export const ProductParams = Type.Object({ productId }, { additionalProperties: false })
