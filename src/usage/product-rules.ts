import type { ConnectClient } from '../connect/api.ts'
import { ConnectError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import type { ReadContext } from './context.ts'
import { toProduct, usageTaken } from './mapping/catalogue.ts'

export interface ProductRules {
  /** Whether rows may name items that the product does not have yet. */
  takesNewItems: boolean
  /** For each type of item, whether the product takes usage of items of that type. */
  takes: Readonly<Record<'ppu' | 'reservation', boolean>>
  /** The vendor's own columns that every row must fill, each with `v.` at its beginning. */
  requiredColumns: readonly string[]
}

/** Gives the rules of a product. Null when Connect does not show them, and when the read fails. */
export async function readProductRules (
  catalogue: ConnectClient['catalogue'], productId: string, context: ReadContext
): Promise<ProductRules | null> {
  try {
    const { items } = await catalogue.products({ filter: { id: productId }, limit: 1 }, context)
    const product = items.find(({ id }) => id === productId)
    const taken = product === undefined ? null : usageTaken(product)
    if (product === undefined || taken === null) return null
    const { usage } = toProduct(product)
    return {
      takesNewItems: usage?.dynamic === true,
      takes: { ppu: taken.payPerUse, reservation: taken.reservation },
      // Connect does not document whether these names have the prefix `v.`.
      requiredColumns: usage?.requiredCustomFields.map(name => name.startsWith('v.') ? name : `v.${name}`) ?? []
    }
  } catch (error) {
    if (error instanceof AppError || error instanceof ConnectError) return null
    throw error
  }
}
