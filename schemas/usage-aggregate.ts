import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Decimal, Time, text } from './common.ts'
import { anyOf, anyOfEnum, anyOfIds, pagingQuery, querystring } from './paging.ts'
import { assetId, itemId } from './patterns.ts'
import { UsageRecord, USAGE_RECORD_EXAMPLE, itemType } from './usage-record.ts'

export const USAGE_AGGREGATE_EXAMPLE = {
  asset: USAGE_RECORD_EXAMPLE.asset,
  item: USAGE_RECORD_EXAMPLE.item,
  consumed: null,
  accepted: '744',
  amount: '1204.50000000',
  currency: 'EUR',
  lastReportedAt: '2026-11-02T09:16:10.870000Z'
}

export const UsageAggregate = Type.Object(
  {
    asset: UsageRecord.properties.asset,
    item: UsageRecord.properties.item,
    consumed: Decimal(
      'How much was used so far of an item that is booked beforehand; null for items paid per use.',
      '25'
    ),
    accepted: Decimal(
      'How much was accepted so far of an item paid per use; null for items that are booked beforehand.',
      '744'
    ),
    amount: Decimal('Sum of the amounts.'),
    currency: text('ISO 4217 code of the amount.', { examples: ['EUR'] }),
    lastReportedAt: Time('When usage was reported last.')
  },
  {
    $id: 'UsageAggregate',
    additionalProperties: false,
    description: 'A running total of one item under one subscription.',
    examples: [USAGE_AGGREGATE_EXAMPLE]
  }
)
export type UsageAggregate = Static<typeof UsageAggregate>
export const UsageAggregateRef = Type.Unsafe<UsageAggregate>(Type.Ref('UsageAggregate'))

export const AssetParams = Type.Object({
  assetId
}, { additionalProperties: false })

const filters = {
  assetExternalUid: anyOf('The hub\'s unique ids of subscriptions.', 'ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11'),
  itemId: anyOfIds('Ids of items.', itemId),
  itemLocalId: anyOf('The vendor\'s ids of items.', 'PRD_276_377_545_0002'),
  itemType: anyOfEnum(itemType, 'Types of items.'),
  ...pagingQuery
}

/** The query parameters of listAssetUsageAggregates. `assetId` is not one, because the path names the subscription. */
export const ListAssetUsageAggregatesQuery = querystring(filters)
export type ListAssetUsageAggregatesQuery = Static<typeof ListAssetUsageAggregatesQuery>

export const ListUsageAggregatesQuery = querystring({
  assetId: anyOfIds('Ids of subscriptions.', assetId),
  ...filters
})
export type ListUsageAggregatesQuery = Static<typeof ListUsageAggregatesQuery>
