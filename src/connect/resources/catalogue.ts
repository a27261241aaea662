import type { CatalogueApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { route } from '../http/route.ts'

/** Connect's catalogue, outside of the Usage API. A token without the right to a module of Connect gets 403 here. */
export function catalogue (requester: ConnectRequester): CatalogueApi {
  return {
    products: (query, ctx) => requester.list('catalogue.products', route`/products`, query, ctx),
    items: (productId, query, ctx) =>
      requester.list('catalogue.items', route`/products/${productId}/items`, query, ctx),
    assets: (query, ctx) => requester.list('catalogue.assets', route`/assets`, query, ctx),
    listings: (query, ctx) => requester.list('catalogue.listings', route`/listings`, query, ctx)
  }
}
