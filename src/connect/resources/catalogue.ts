import type { CatalogueApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { route } from '../http/route.ts'

/** Connect answers 403 to a token without the right to its catalogue. */
export function catalogue (requester: ConnectRequester): CatalogueApi {
  return {
    products: (query, ctx) => requester.list('catalogue.products', route`/products`, query, ctx),
    items: (productId, query, ctx) =>
      requester.list('catalogue.items', route`/products/${productId}/items`, query, ctx),
    assets: (query, ctx) => requester.list('catalogue.assets', route`/assets`, query, ctx),
    listings: (query, ctx) => requester.list('catalogue.listings', route`/listings`, query, ctx)
  }
}
