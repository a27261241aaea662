import type { ConnectClient } from '../connect/api.ts'
import { ConnectError } from '../connect/errors.ts'
import { AppError } from '../errors/app-error.ts'
import type { ReadContext } from './context.ts'
import { toProduct, usageTaken } from './mapping/catalogue.ts'

/** What a product takes of the rows of a usage file. */
export interface ProductRules {
  /** Whether the product takes usage of items that it does not have yet. */
  takesNewItems: boolean
  /** For each type of item, whether the product takes usage of such items. */
  takes: Readonly<Record<'ppu' | 'reservation', boolean>>
  /** The columns of the vendor that every row must fill. */
  requiredColumns: readonly string[]
}

/** Reads the rules of a product from Connect's catalogue; null when Connect does not tell them, or fails. */
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
      // Connect does not document whether the names have the prefix.
      requiredColumns: usage?.requiredCustomFields.map(name => name.startsWith('v.') ? name : `v.${name}`) ?? []
    }
  } catch (error) {
    if (error instanceof AppError || error instanceof ConnectError) return null
    throw error
  }
}
