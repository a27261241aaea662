/** Connect has no list of the pairs of product and contract: they are in the listings, and in the usage files. */
import type { UsageFile } from '../../schemas/usage-file.ts'
import type { ConnectClient } from '../connect/api.ts'
import { ConnectResponseError } from '../connect/errors.ts'
import type { ListingFilter, Match, Page, UsageFileFilter } from '../connect/filters.ts'
import type * as Connect from '../connect/types.ts'
import { AppError, invalidField } from '../errors/app-error.ts'
import { mapAtMost } from '../limits/semaphore.ts'
import type { ReadContext } from './context.ts'
import { usageTaken } from './mapping/catalogue.ts'
import { fieldsOf, iconReference, identifier, reference, type Fields } from './mapping/normalize.ts'
import { toUsageFile } from './mapping/usage-file.ts'
import { PAGE, allItems } from './paging.ts'

/** The most ids in one filter of a call to Connect. More ids would make the address of the call too long. */
const MAX_IDS = 100
const CALLS_AT_ONCE = 4

/** A product and a contract, with their marketplace, vendor and provider, as a usage file or a listing shows them. */
export type Pair = Pick<UsageFile, 'contract' | 'product' | 'marketplace' | 'vendor' | 'provider'>

type Ids = string | readonly string[]
type PairFilter = UsageFileFilter & { readonly 'product.id'?: Ids, readonly 'contract.id'?: Ids }

/** Gives a text that identifies a product and a contract. Null unless Connect shows the ids of both. */
export function pairKey ({ product, contract }: Pick<Pair, 'product' | 'contract'>): string | null {
  const ids = [product?.id ?? null, contract?.id ?? null]
  return ids.includes(null) ? null : ids.join(' ')
}

/** Compares two pairs, for a sort by the name and id of the product, then of the contract. Gives -1 or 1, never 0. */
export function byNames (a: Pair, b: Pair): number {
  const names = ({ product, contract }: Pair): string =>
    [product?.name, product?.id, contract?.name, contract?.id].map(one => one ?? '').join('\n')
  return names(a) < names(b) ? -1 : 1
}

/** For which kinds of items Connect takes usage of a product; null when Connect does not show that. */
export type UsageTaken = ReturnType<typeof usageTaken>

/** Whether Connect takes any usage of the product of a pair. True when Connect does not show that. */
export function takesUsage (taken: ReadonlyMap<string, UsageTaken>, { product }: Pair): boolean {
  const usage = taken.get(product?.id ?? '') ?? null
  return usage === null || usage.payPerUse || usage.reservation
}

/**
 * Gives the `UsageTaken` of the products of these pairs, by product id. Empty if Connect forbids this account to read
 * products (403).
 */
export async function readUsageTaken (
  connect: ConnectClient, pairs: readonly Pair[], context: ReadContext
): Promise<ReadonlyMap<string, UsageTaken>> {
  const ids = [...new Set(pairs.flatMap(({ product }) => product?.id ?? []))]
  const parts = Array.from({ length: Math.ceil(ids.length / MAX_IDS) }, (_, at) =>
    ids.slice(at * MAX_IDS, (at + 1) * MAX_IDS))
  const products = await unlessForbidden(async () => await mapAtMost(parts, CALLS_AT_ONCE, async id =>
    await allItems(window => connect.catalogue.products({ filter: { id }, sort: ['name'], ...window }, context))))
  return new Map(products.flat().map(product => [identifier(product.id) ?? '', usageTaken(product)]))
}

/** Gives the pairs of the listings in status `listed`. Empty if Connect forbids this account to read listings (403). */
export async function readListedPairs (
  connect: ConnectClient, filter: Omit<ListingFilter, 'status'>, context: ReadContext
): Promise<Pair[]> {
  const listings = await unlessForbidden(async () => await allItems(window => connect.catalogue.listings(
    { filter: { ...filter, status: 'listed' }, sort: ['created'], ...window }, context
  )))
  return listings.map(pairOfListing)
}

function pairOfListing (listing: Connect.Listing): Pair {
  const given = listing as Fields
  return {
    contract: reference(given['contract']),
    product: iconReference(given['product']),
    marketplace: iconReference(given['marketplace'] ?? fieldsOf(given['contract'])?.['marketplace']),
    vendor: iconReference(given['vendor']),
    provider: iconReference(given['provider'])
  }
}

async function unlessForbidden<Item> (read: () => Promise<Item[]>): Promise<Item[]> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ConnectResponseError && error.status === 403) return []
    throw error
  }
}

/**
 * Reads, for each pair, the usage file that was created last, without reading all files. The first call gives the
 * newest files. While there are more files, the next call leaves out the contracts found so far; then, for each of
 * these contracts, further calls leave out the products found so far. Throws VALIDATION_FAILED when over 100 contracts,
 * or over 100 products of one contract, would have to be left out, and UPSTREAM_INVALID when a call with more files to
 * come brings nothing new. Gives no file that does not show both ids of its pair.
 */
export async function readNewestFiles (
  connect: ConnectClient, filter: PairFilter, context: ReadContext
): Promise<UsageFile[]> {
  const found = new Map<string, UsageFile>()
  const list = async (narrowed: UsageFileFilter): Promise<Page<Connect.UsageFile>> => {
    const page = await connect.usageFiles.list(
      { filter: { ...filter, ...narrowed }, sort: ['-created.at', 'id'], limit: PAGE, offset: 0 }, context
    )
    for (const file of page.items.map(one => toUsageFile(one, context.actor, 'list'))) {
      const key = pairKey(file)
      if (key !== null && !found.has(key)) found.set(key, file)
    }
    return page
  }
  const contracts = (): string[] => [...new Set([...found.values()].map(file => file.contract?.id ?? ''))]
  /** The contracts on all pages but the last one. They may have more products than these pages show. */
  let cut: string[] = []
  for (;;) {
    const others = idsBut(filter['contract.id'], cut)
    if (others === null) break
    const page = await list(cut.length === 0 ? {} : { 'contract.id': others })
    if (isLast(page)) break
    if (contracts().length === cut.length) throw repeated()
    cut = contracts()
    if (cut.length > MAX_IDS) throw invalidField('query.productId', 'is needed: there are too many contracts')
  }
  await mapAtMost(cut, CALLS_AT_ONCE, async (id) => {
    const products = (): string[] =>
      [...found.values()].filter(file => file.contract?.id === id).map(file => file.product?.id ?? '')
    for (let seen = products(); seen.length <= MAX_IDS; seen = products()) {
      const others = idsBut(filter['product.id'], seen)
      if (others === null) return
      const page = await list({ 'contract.id': id, 'product.id': others })
      if (isLast(page)) return
      if (products().length === seen.length) throw repeated()
    }
    throw invalidField('query.productId', 'is needed: there are too many products')
  })
  return [...found.values()]
}

function isLast ({ items, total }: Page<unknown>): boolean {
  return items.length >= total
}

/** Gives a filter for the ids in `asked` (undefined: all ids) that are not in `seen`; null if no asked id is left. */
function idsBut (asked: Ids | undefined, seen: readonly string[]): Match | null {
  if (asked === undefined) return { not: seen }
  const others = [asked].flat().filter(id => !seen.includes(id))
  return others.length === 0 ? null : others
}

function repeated (): AppError {
  return new AppError('UPSTREAM_INVALID', 'Connect listed usage files of contracts or products that were left out.')
}
