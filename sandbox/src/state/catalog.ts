import type { Catalog } from '../workbooks/types.ts'
import type { Asset, Contract, UsageFile } from './types.ts'

/** What the rows of a usage file are checked against. */
export function catalogOf (file: UsageFile): Catalog {
  const { product } = file.contract
  return {
    schema: product.schema,
    period: { from: file.period.from, to: file.period.to },
    dynamicItems: product.dynamicItems,
    late: product.late,
    future: product.future,
    requiredCustomFields: product.requiredCustomFields,
    findItem: (criteria, value) => {
      if (criteria === 'item.mpn') return product.items.find((item) => item.mpn === value)
      if (criteria === 'item.global_id') return product.items.find((item) => item.id === value)
      return criteria === 'item.local_id' ? product.items.find((item) => item.localId === value) : undefined
    },
    findAsset: (criteria, value) => findAsset(file.contract, criteria, value)
  }
}

export function findAsset (contract: Contract, criteria: string, value: string): Asset | undefined {
  if (criteria === 'asset.id') return contract.assets.find((asset) => asset.id === value)
  if (criteria === 'asset.external_id') return contract.assets.find((asset) => asset.externalId === value)
  if (criteria === 'asset.external_uid') return contract.assets.find((asset) => asset.externalUid === value)
  const parameter = /^parameter\.(.+)$/.exec(criteria)?.[1]
  return parameter === undefined
    ? undefined
    : contract.assets.find((asset) => asset.parameters[parameter] === value)
}
