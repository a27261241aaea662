import type { CatalogueApi } from '../../src/connect/api.ts'
import type { Asset, ProductItem } from '../../src/connect/types.ts'
import type { ReadContext } from '../../src/usage/context.ts'
import { lookUpsIn, type LookUps } from '../../src/usage/look-ups.ts'

export interface FakeCatalogue {
  items: ProductItem[]
  assets: Asset[]
  /** Whether the product takes new items; null for a product that is not shown. */
  isDynamic: boolean | null
  takesReservation?: boolean
  requiredFields?: string[]
}

type Query = Parameters<CatalogueApi['assets']>[0]

const has = (values: unknown, value: unknown): boolean =>
  values === undefined || values === value || (Array.isArray(values) && values.includes(value))

/** A catalogue of one product that filters as Connect does, and remembers the filters. No page is over `pageSize`. */
export function fakeCatalogue (
  { items, assets, isDynamic, takesReservation = true, requiredFields = [] }: FakeCatalogue, { pageSize = 1_000 } = {}
): { catalogue: CatalogueApi, asked: object[] } {
  const asked: object[] = []
  const page = async <Row>(rows: Row[], { filter = {}, limit = pageSize, offset = 0 }: Query): Promise<{
    items: Row[], total: number
  }> => {
    asked.push(filter)
    return { items: rows.slice(offset, offset + Math.min(limit, pageSize)), total: rows.length }
  }
  const catalogue: CatalogueApi = {
    items: async (_productId, query) => await page(items.filter(one =>
      (['id', 'mpn', 'local_id'] as const).every(name => has(query.filter?.[name], one[name]))), query as Query),
    assets: async query => {
      const { id: ids, 'params.id': name, 'params.value': values } = query.filter ?? {}
      return await page(assets.filter(({ id, params }) => has(ids, id) && (name === undefined ||
        params?.some(parameter => parameter.id === name && has(values, parameter.value)))), query)
    },
    products: async query => await page(isDynamic === null
      ? []
      : [{
          id: 'PRD-1',
          capabilities: {
            ppu: { dynamic: isDynamic, required_custom_fields: requiredFields },
            reservation: { consumption: takesReservation }
          }
        }], query as Query),
    listings: async () => { throw new Error('nobody expected this') }
  }
  return { catalogue, asked }
}

export const CONTEXT = { credential: 'ApiKey SU-1:x', requestId: 'r' } as unknown as ReadContext

/** The look-ups of items and subscriptions in a catalogue of the product PRD-1. */
export function fakeLookUps (catalogue: FakeCatalogue): LookUps {
  return lookUpsIn({
    connect: fakeCatalogue(catalogue), productId: 'PRD-1', context: CONTEXT, hasAssets: true
  })
}
