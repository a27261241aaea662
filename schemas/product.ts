import { Type } from 'typebox'

/** `CN-…` are products from before the ids of today. */
export const productId = Type.String({ pattern: '^(PRD|CN)(-[0-9]{1,12}){1,8}$', description: 'Id of the product.', examples: ['PRD-113-628-780'] })

export const ProductParams = Type.Object({ productId }, { additionalProperties: false })
