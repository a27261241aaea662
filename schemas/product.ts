import { Type } from 'typebox'
import { idOf } from './patterns.ts'

/** `CN-…` are products from before the ids of today. */
export const productId = idOf('product', '^(PRD|CN)(-[0-9]{1,12}){1,8}$', 'PRD-113-628-780')

export const ProductParams = Type.Object({ productId }, { additionalProperties: false })
