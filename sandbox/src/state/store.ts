import type { CatalogItem, DescribedItem } from '../workbooks/types.ts'
import type {
  Account,
  Chunk,
  Contract,
  Product,
  Reconciliation,
  UsageFile,
  UsageRecord,
  UsageRule,
  Webhook
} from './types.ts'

/** How often each thing happened to an object. It is counted where it happens, so a lost answer cannot hide it. */
export interface Effects { [effect: string]: number }

export interface Store {
  accounts: Map<string, Account>
  products: Map<string, Product>
  contracts: Map<string, Contract>
  /** The items that usage files have created, by the id of the product. */
  dynamicItems: Map<string, CatalogItem[]>
  files: Map<string, UsageFile>
  records: Map<string, UsageRecord>
  chunks: Map<string, Chunk>
  reconciliations: Map<string, Reconciliation>
  /** All usage rules. Those of a product are in the order of their gravity: the first one counts first. */
  rules: UsageRule[]
  webhooks: Map<string, Webhook>
  effects: Map<string, Effects>
  /** The last number that was used for a new id, by the kind of the object. */
  counters: Map<string, number>
}

export function createStore (): Store {
  return {
    accounts: new Map(),
    products: new Map(),
    contracts: new Map(),
    dynamicItems: new Map(),
    files: new Map(),
    records: new Map(),
    chunks: new Map(),
    reconciliations: new Map(),
    rules: [],
    webhooks: new Map(),
    effects: new Map(),
    counters: new Map()
  }
}

export const itemsOf = (store: Store, { id, items }: Product): readonly CatalogItem[] =>
  [...items, ...store.dynamicItems.get(id) ?? []]

/** Adds an item that a usage file describes. The item stays, so that later rows can name it by its MPN alone. */
export function addItem (store: Store, product: Product, described: DescribedItem): CatalogItem {
  const added = store.dynamicItems.get(product.id) ?? []
  const id = `${product.id}-${String(product.items.length + added.length + 1).padStart(4, '0')}`
  const item: CatalogItem = { ...described, id, localId: id.replaceAll('-', '_'), type: 'PPU', dynamic: true }
  store.dynamicItems.set(product.id, [...added, item])
  return item
}

export function addEffect (store: Store, id: string, effect: string): void {
  const effects = store.effects.get(id) ?? {}
  effects[effect] = (effects[effect] ?? 0) + 1
  store.effects.set(id, effects)
}

function nextNumber (store: Store, kind: string): number {
  const number = (store.counters.get(kind) ?? 0) + 1
  store.counters.set(kind, number)
  return number
}

/** Gives groups of four digits. The first begins with 99, unlike in the ids at the start, so new ids differ. */
function groups (number: number, count: number): string {
  const digits = `99${String(number).padStart(count * 4 - 2, '0')}`
  return (digits.match(/\d{4}/g) ?? []).join('-')
}

export const newFileId = (store: Store, now: string): string =>
  `UF-${now.slice(0, 7)}-${groups(nextNumber(store, 'file'), 2)}`

export const newRecordId = (store: Store, now: string): string =>
  `UR-${now.slice(0, 7)}-${groups(nextNumber(store, 'record'), 4)}`

export const newChunkId = (file: UsageFile, ordinal: number): string =>
  `${file.id.replace('UF-', 'UFC-')}-${String(ordinal).padStart(3, '0')}`

export function newReconciliationId (store: Store, file: UsageFile | null, now: string): string {
  if (!file) return `RCF-${now.slice(0, 7)}-${groups(nextNumber(store, 'reconciliation'), 2)}-001`
  file.reconciliations += 1
  return `${file.id.replace('UF-', 'RCF-')}-${String(file.reconciliations).padStart(3, '0')}`
}

export const newRuleId = (store: Store): string =>
  `UIR-990-000-${String(nextNumber(store, 'rule')).padStart(3, '0')}`

export const newWebhookId = (store: Store): string =>
  `WB-990-000-${String(nextNumber(store, 'webhook')).padStart(3, '0')}`
