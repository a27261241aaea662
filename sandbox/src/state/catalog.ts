import type { Sandbox } from '../sandbox.ts'
import type { Catalog } from '../workbooks/types.ts'
import { addItem, itemsOf } from './store.ts'
import { findAsset } from './subscriptions.ts'
import type { UsageFile } from './types.ts'

/** Gives the catalog by which the rows of a usage file are checked. Its `addItem` creates an item in the store. */
export function catalogOf ({ store, options }: Sandbox, file: UsageFile): Catalog {
  const { product } = file.contract
  return {
    schema: product.schema,
    period: { from: file.period.from, to: file.period.to },
    takes: { PPU: product.takesPpu, Reservation: product.takesReservation },
    dynamicItems: product.dynamicItems,
    late: product.late || !options.refuseLateRows,
    future: product.future,
    requiredCustomFields: product.requiredCustomFields,
    findItem: (criteria, value) => {
      const key = itemKeys[criteria]
      return key && itemsOf(store, product).find((item) => item[key] === value)
    },
    addItem: (described) => addItem(store, product, described),
    findAsset: (criteria, value) => findAsset(file.contract, criteria, value)
  }
}

const itemKeys: Readonly<Record<string, 'mpn' | 'id' | 'localId'>> =
  { 'item.mpn': 'mpn', 'item.global_id': 'id', 'item.local_id': 'localId' }
