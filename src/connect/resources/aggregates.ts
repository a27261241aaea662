import type { AggregatesApi } from '../api.ts'
import type { ConnectRequester } from '../requester.ts'
import { createLosslessReader } from '../lossless-json.ts'
import { route } from '../http/route.ts'

/** Aggregates are the running totals of each subscription and item. */
export function aggregates (requester: ConnectRequester): AggregatesApi {
  const read = createLosslessReader(['amount', 'consumed', 'accepted'])
  return {
    list: (query, ctx) => requester.list('aggregates.list', route`/usage/aggregates`, query, ctx, read),
    listForAsset: (assetId, query, ctx) =>
      requester.list(
        'aggregates.listForAsset',
        { ...route`/assets/${assetId}/usage/aggregates`, rows: { 'asset.id': assetId } },
        query,
        ctx,
        read
      )
  }
}
