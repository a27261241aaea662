import type { ListUsageContractsQuery, UsageContract } from '../../schemas/usage-contract.ts'
import type { ConnectClient } from '../connect/api.ts'
import type { ReadContext } from './context.ts'
import {
  byNames, pairKey, readListedPairs, readNewestFiles, readUsageTaken, takesUsage
} from './contract-pairs.ts'
import { compact, match } from './filters/query-filters.ts'

/**
 * Gives the pairs of product and contract of all usage files that are not deleted, and of those listings in status
 * `listed` whose product takes usage.
 */
export async function readUsageContracts (
  connect: ConnectClient, query: ListUsageContractsQuery, context: ReadContext
): Promise<UsageContract[]> {
  const filter = compact({
    'product.id': match('productId', query.productId), 'marketplace.id': match('marketplaceId', query.marketplaceId)
  })
  const [listed, files] = await Promise.all([
    readListedPairs(connect, filter, context),
    readNewestFiles(connect, { ...filter, status: { not: 'deleted' } }, context)
  ])
  const taken = await readUsageTaken(connect, listed, context)
  const contracts = new Map<string, UsageContract>()
  for (const pair of listed) {
    const key = pairKey(pair)
    if (key !== null && takesUsage(taken, pair)) contracts.set(key, { ...pair, lastUsedAt: null, source: 'listing' })
  }
  for (const { contract, product, marketplace, vendor, provider, createdAt, ...file } of files) {
    const key = pairKey({ product, contract }) ?? file.id
    const known = contracts.get(key) ?? { contract, product, marketplace, vendor, provider, source: 'usage-files' }
    contracts.set(key, { ...known, lastUsedAt: createdAt })
  }
  return [...contracts.values()].sort(byNames)
}
