import type { Static } from 'typebox'
import { Type } from 'typebox'
import { Time, iconReference, reference, words } from './common.ts'
import { anyOfIds, pagingQuery, querystring } from './paging.ts'
import { marketplaceId, productId } from './patterns.ts'
import { USAGE_FILE_EXAMPLE } from './usage-file.ts'

const { product, contract, marketplace, vendor, provider, createdAt } = USAGE_FILE_EXAMPLE

export const USAGE_CONTRACT_EXAMPLE = {
  contract, product, marketplace, vendor, provider, lastUsedAt: createdAt, source: 'listing'
}

export const UsageContract = Type.Object(
  {
    contract: reference('The distribution contract: `contractId` of a new usage file.'),
    product: iconReference('The product: `productId` of a new usage file.'),
    marketplace: iconReference('Where the product is sold.'),
    vendor: iconReference('Who reports.'),
    provider: iconReference('Who bills.'),
    lastUsedAt: Time(
      'When the newest usage file of this product and contract was created; null when no file was created.'
    ),
    source: words(
      'UsageContractSource',
      '`listing`: the product is listed on the marketplace. `usage-files`: there are usage files of this product and ' +
      'contract, and no listing that this account may see. Contracts for tests have no listing.',
      ['listing', 'usage-files'],
      { description: 'How this service knows that the product and the contract belong together.' }
    )
  },
  {
    $id: 'UsageContract',
    additionalProperties: false,
    description: 'A product and a contract with which a usage file can be created.',
    examples: [USAGE_CONTRACT_EXAMPLE]
  }
)
export type UsageContract = Static<typeof UsageContract>
export const UsageContractRef = Type.Unsafe<UsageContract>(Type.Ref('UsageContract'))

export const ListUsageContractsQuery = querystring({
  productId: anyOfIds('Ids of products.', productId),
  marketplaceId: anyOfIds('Ids of marketplaces.', marketplaceId),
  ...pagingQuery
})
export type ListUsageContractsQuery = Static<typeof ListUsageContractsQuery>
