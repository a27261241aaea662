import { notFound } from '../connect-error.ts'
import { seesContract } from './access.ts'
import type { Store } from './store.ts'
import type { Account, Asset, Contract } from './types.ts'

/** An asset with its contract, and with the parameters that filters look at. */
export interface Subscription { asset: Asset, contract: Contract, parameters: readonly (readonly [string, string])[] }

export function subscriptionsOf (store: Store, account: Account): Subscription[] {
  return [...store.contracts.values()].filter((contract) => seesContract(account, contract))
    .flatMap((contract) => contract.assets.map((asset) => toSubscription(contract, asset)))
}

export function findSubscription (store: Store, account: Account, id: string): Subscription {
  for (const contract of store.contracts.values()) {
    if (!seesContract(account, contract)) continue
    const asset = findAsset(contract, 'asset.id', id)
    if (asset) return toSubscription(contract, asset)
  }
  throw notFound('Asset')
}

const toSubscription = (contract: Contract, asset: Asset): Subscription =>
  ({ asset, contract, parameters: Object.entries(asset.parameters) })

/**
 * Gives a copy for each parameter, so that conditions on `params.id` and `params.value` must hold for the same
 * parameter. A subscription without parameters is given once.
 */
export const byParameter = (one: Subscription): Subscription[] =>
  one.parameters.length < 2 ? [one] : one.parameters.map((parameter) => ({ ...one, parameters: [parameter] }))

const indexes = new WeakMap<Contract, Map<string, Asset>>()

/** `criteria` is `asset.id` or `parameter.…`. An index is used: a contract may have thousands of assets. */
export function findAsset (contract: Contract, criteria: string, value: string): Asset | undefined {
  const index = indexes.get(contract) ?? indexAssets(contract)
  indexes.set(contract, index)
  return index.get(keyOf(criteria, value))
}

/** Of several assets with the same value the index has the first. */
function indexAssets ({ assets }: Contract): Map<string, Asset> {
  const index = new Map<string, Asset>()
  for (const asset of [...assets].reverse()) {
    index.set(keyOf('asset.id', asset.id), asset)
    for (const [name, value] of Object.entries(asset.parameters)) index.set(keyOf(`parameter.${name}`, value), asset)
  }
  return index
}

const keyOf = (criteria: string, value: string): string => JSON.stringify([criteria, value])
