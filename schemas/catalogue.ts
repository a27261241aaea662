/** The schemas of the catalogue, from which callers choose: products with their items, and subscriptions. */
import type { Static } from 'typebox'
import { Type } from 'typebox'
import { UsageSchema, iconReference, nullable, text, words } from './common.ts'
import { anyOf, anyOfEnum, anyOfIds, pagingQuery, querystring } from './paging.ts'
import { assetId, itemId, productId } from './patterns.ts'
import { USAGE_RECORD_EXAMPLE, UsageRecord, itemType } from './usage-record.ts'

export const PRODUCT_STATUSES = [
  'draft', 'indevelopment', 'oncertification', 'published', 'initializationfailed', 'deleted', 'endofsale'
] as const
export const ITEM_STATUSES = ['draft', 'published', 'endofsale'] as const
export const ASSET_STATUSES = ['draft', 'processing', 'active', 'terminating', 'suspended', 'terminated'] as const

const productStatus = words(
  'ProductStatus', 'Where a product is in its life; the words are those of Connect.', PRODUCT_STATUSES
)
const assetStatus = words(
  'AssetStatus', 'Where a subscription is in its life; the words are those of Connect.', ASSET_STATUSES
)

export const PRODUCT_EXAMPLE = {
  id: 'PRD-276-377-545',
  name: 'Acme Cloud',
  icon: null,
  status: 'published',
  usage: { schema: 'cr', dynamic: false, requiredCustomFields: [] }
}

export const Product = Type.Object(
  {
    id: Type.String({ description: 'Id of the product.', examples: ['PRD-276-377-545'] }),
    name: text('Name of the product.'),
    icon: text('Absolute address of the icon, or null.'),
    status: nullable(productStatus),
    usage: nullable(Type.Object(
      {
        schema: UsageSchema,
        dynamic: Type.Boolean({ description: 'Whether usage may name items that the product does not have yet.' }),
        requiredCustomFields: Type.Array(Type.String(), {
          description: 'The columns of the vendor that each row must fill. In a table they have `v.` before the name.'
        })
      },
      {
        title: 'ProductUsage',
        additionalProperties: false,
        description: 'How usage that is paid per use is reported; null when the product has no such usage.'
      }
    ))
  },
  {
    $id: 'Product',
    additionalProperties: false,
    description: 'A product, as far as a usage report needs it.',
    examples: [PRODUCT_EXAMPLE]
  }
)
export type Product = Static<typeof Product>
export const ProductRef = Type.Unsafe<Product>(Type.Ref('Product'))

export const PRODUCT_ITEM_EXAMPLE = {
  ...USAGE_RECORD_EXAMPLE.item, period: 'monthly', status: 'published', dynamic: false
}

const { localId, mpn, name, unit, precision, type } = UsageRecord.properties.item.properties

export const ProductItem = Type.Object(
  {
    id: Type.String({ description: 'Id of the item.', examples: ['PRD-276-377-545-0002'] }),
    localId,
    mpn,
    name,
    unit,
    precision,
    type,
    period: text('How often the item is billed, in the words of Connect.', { examples: ['monthly'] }),
    status: nullable(
      words('ItemStatus', 'Where an item is in its life; the words are those of Connect.', ITEM_STATUSES)
    ),
    dynamic: Type.Boolean({ description: 'Whether a usage file made the item, and not the vendor.' })
  },
  {
    $id: 'ProductItem',
    additionalProperties: false,
    description: 'An item of a product: what a row of usage counts.',
    examples: [PRODUCT_ITEM_EXAMPLE]
  }
)
export type ProductItem = Static<typeof ProductItem>
export const ProductItemRef = Type.Unsafe<ProductItem>(Type.Ref('ProductItem'))

export const ASSET_EXAMPLE = {
  id: USAGE_RECORD_EXAMPLE.asset.id,
  externalId: USAGE_RECORD_EXAMPLE.asset.externalId,
  externalUid: USAGE_RECORD_EXAMPLE.asset.externalUid,
  status: 'active',
  product: { id: 'PRD-276-377-545', name: 'Acme Cloud', icon: null },
  marketplace: { id: 'MP-69876', name: 'Europe', icon: null }
}

export const Asset = Type.Object(
  {
    id: Type.String({ description: 'Id of the subscription.', examples: ['AS-5501-1000-0001'] }),
    externalId: UsageRecord.properties.asset.properties.externalId,
    externalUid: UsageRecord.properties.asset.properties.externalUid,
    status: nullable(assetStatus),
    product: iconReference('The product that was bought.'),
    marketplace: iconReference('Where the product was sold.')
  },
  {
    $id: 'Asset',
    additionalProperties: false,
    description: 'A subscription: what a customer bought, and what usage is reported for.',
    examples: [ASSET_EXAMPLE]
  }
)
export type Asset = Static<typeof Asset>
export const AssetRef = Type.Unsafe<Asset>(Type.Ref('Asset'))

const nameFilter = Type.Optional(Type.String({
  minLength: 1, maxLength: 255, description: 'Text anywhere in the name, in any case.', examples: ['cloud']
}))

export const ListProductsQuery = querystring({
  id: anyOfIds('Ids of products.', productId),
  name: nameFilter,
  status: anyOfEnum(productStatus, 'Statuses.'),
  ...pagingQuery
})
export type ListProductsQuery = Static<typeof ListProductsQuery>

export const ListProductItemsQuery = querystring({
  id: anyOfIds('Ids of items.', itemId),
  mpn: anyOf("Manufacturer's part numbers.", 'VM-S'),
  name: nameFilter,
  type: anyOfEnum(itemType, 'Types of items.'),
  ...pagingQuery
})
export type ListProductItemsQuery = Static<typeof ListProductItemsQuery>

export const ListAssetsQuery = querystring({
  id: anyOfIds('Ids of subscriptions.', assetId),
  productId: anyOfIds('Ids of products.', productId),
  externalId: Type.Optional(Type.String({
    minLength: 1, maxLength: 200, description: "The hub's id of the subscription, exactly.", examples: ['2009295']
  })),
  externalUid: anyOf('The hub\'s unique ids of subscriptions.', 'ff1ed3d6-3c2c-4f5d-8a9c-3a7c6a3a7d11'),
  status: anyOfEnum(assetStatus, 'Statuses.'),
  ...pagingQuery
})
export type ListAssetsQuery = Static<typeof ListAssetsQuery>
